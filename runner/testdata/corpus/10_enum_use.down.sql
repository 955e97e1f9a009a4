DROP INDEX moods_id_idx;
ALTER TABLE moods ALTER m SET DEFAULT 'ok';
TRUNCATE moods;
