-- turns that fct_turns leaves out because their conversation is not merged yet; the next build has them
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_turns'}}}) }}

select
    turns.trace_id,
    turns.source,
    turns.line
from {{ ref('int_turns__merged') }} as turns
anti join {{ ref('stg_logs__conversations') }} as conversations
    on turns.conversation_id = conversations.conversation_id
