"""Whether a metric or judge says what people say: held against their labels, certified for a time, its rate put in their terms.

Programs and models are alike here: what stands for a person's judgment gates a release with a valid certificate only.
"""

from goldworks.calibration.certificate import Certificate, LabelledItem, certify
from goldworks.calibration.policy import CalibrationPolicy, Pairing, load_calibration_policy

__all__ = ["CalibrationPolicy", "Certificate", "LabelledItem", "Pairing", "certify", "load_calibration_policy"]
