"use strict";
// Filters of the worst answers: by metric and by text. Without this script all of them are shown.
const form = document.getElementById("filters");
if (form) {
  const cases = Array.from(document.querySelectorAll("details.case"));
  const metric = document.getElementById("metric");
  const text = document.getElementById("text");
  const count = document.getElementById("count");
  const show = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const one of cases) {
      const fits = (!metric.value || one.dataset.failed.split(" ").includes(metric.value))
        && (!wanted || one.textContent.toLowerCase().includes(wanted));
      one.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} of ${cases.length} shown`;
  };
  const all = (open) => cases.forEach((one) => { if (!one.hidden) one.open = open; });
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  document.getElementById("open").addEventListener("click", () => all(true));
  document.getElementById("close").addEventListener("click", () => all(false));
  show();
}
