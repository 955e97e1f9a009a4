class Notes < ActiveRecord::Migration[6.1]
  def up
    execute <<~'SQL'
      CREATE TABLE notes (
          person bigint NOT NULL REFERENCES people ON DELETE CASCADE,
          body text NOT NULL DEFAULT 'none; yet'
      );
      INSERT INTO notes SELECT id, 'a;b -- no comment' FROM people WHERE id % 10 = 0;
      INSERT INTO notes VALUES (1, E'it\'s; "quoted"'); INSERT INTO notes VALUES (2, '{"a": [1, 2]}');
      UPDATE people SET email = lower(email), mood = 'happy' WHERE id % 3 = 0;
    SQL
  end

  def down
    execute <<~'SQL'
      UPDATE people SET email = initcap(email) WHERE id % 3 = 0;
      DROP TABLE notes;
    SQL
  end
end
