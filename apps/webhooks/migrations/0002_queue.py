"""What a software hears of is written with the event itself, by triggers: in the same transaction, whoever records it,
and nothing at all where nobody listens. They look once a statement at a small table; a statement of ten thousand
events adds a message for each that somebody wants to hear of, in one more statement."""

from django.db import migrations

HEAR = """
CREATE FUNCTION webhooks_hear_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM webhooks_endpoint WHERE state <> 'off') THEN
        RETURN NULL;
    END IF;
    WITH named AS (
        SELECT id, subject_uuid, at, payload,
            CASE name WHEN 'token.sent' THEN 'connection_request.token_sent'
                WHEN 'connection.merged' THEN 'connection.revoked' ELSE name END AS topic
        FROM fresh
    ), heard AS MATERIALIZED (
        SELECT named.*, coalesce(
            CASE WHEN topic LIKE 'invoice.%' THEN (
                -- What it sent, while it acts for that company.
                SELECT invoice.software_id FROM invoices_invoice AS invoice
                WHERE invoice.uuid = named.subject_uuid AND EXISTS (
                    SELECT 1 FROM tokens_connection AS live
                    WHERE live.company_id = invoice.company_id AND live.software_id = invoice.software_id
                        AND live.state <> 'revoked'
                )
            ) END,
            CASE WHEN topic LIKE 'connection.%' THEN (
                SELECT software_id FROM tokens_connection WHERE uuid = named.subject_uuid
            ) END,
            CASE WHEN topic LIKE 'connection_request.%' THEN (
                SELECT software_id FROM tokens_connectionrequest WHERE uuid = named.subject_uuid
            ) END
        ) AS software_id
        FROM named WHERE topic IN (SELECT unnest(topics) FROM webhooks_endpoint WHERE state <> 'off')
    )
    INSERT INTO webhooks_message (
        uuid, endpoint_id, topic, event_id, subject_uuid, particulars, happened_at, body, state, state_at, queued_at,
        due_at, attempt_count, failure_code
    )
    SELECT gen_random_uuid(), endpoint.id, heard.topic, heard.id, heard.subject_uuid, heard.payload, heard.at, '',
        'pending', heard.at, heard.at, heard.at, 0, ''
    FROM heard JOIN webhooks_endpoint AS endpoint
        ON endpoint.software_id = heard.software_id AND endpoint.state <> 'off' AND heard.topic = ANY (endpoint.topics)
    ORDER BY heard.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER webhooks_events_are_heard AFTER INSERT ON events_event
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION webhooks_hear_events();

CREATE FUNCTION webhooks_hear_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM webhooks_endpoint WHERE state <> 'off' AND 'statement.available' = ANY (topics)
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO webhooks_message (
        uuid, endpoint_id, topic, subject_uuid, particulars, happened_at, body, state, state_at, queued_at, due_at,
        attempt_count, failure_code
    )
    SELECT gen_random_uuid(), endpoint.id, 'statement.available', feed.uuid,
        jsonb_build_object('count', count(*), 'indexes', jsonb_agg(fresh.uuid ORDER BY fresh.position)),
        max(fresh.listed_at), '', 'pending', max(fresh.listed_at), max(fresh.listed_at), max(fresh.listed_at), 0, ''
    FROM fresh
    JOIN delivery_feed AS feed ON feed.id = fresh.feed_id
    JOIN webhooks_endpoint AS endpoint ON endpoint.software_id = feed.software_id AND endpoint.state <> 'off'
        AND 'statement.available' = ANY (endpoint.topics)
    WHERE fresh.statement_id IS NOT NULL
    GROUP BY endpoint.id, feed.id, feed.uuid
    ORDER BY feed.id, endpoint.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER webhooks_entries_are_heard AFTER INSERT ON delivery_feedentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION webhooks_hear_entries();
"""

IGNORE = """
DROP TRIGGER webhooks_entries_are_heard ON delivery_feedentry;
DROP FUNCTION webhooks_hear_entries();
DROP TRIGGER webhooks_events_are_heard ON events_event;
DROP FUNCTION webhooks_hear_events();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("events", "0004_killed_reactions"),
        ("delivery", "0010_bundles"),
        ("invoices", "0019_owed_indexes"),
        ("tokens", "0011_name_credentials"),
    ]
    operations = [migrations.RunSQL(HEAR, IGNORE)]
