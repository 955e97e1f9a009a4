class Touch < ActiveRecord::Migration[6.1]
  def up
    execute <<~'SQL'
      ALTER TABLE people ADD touched int NOT NULL DEFAULT 0;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
          -- once more; and again
          NEW.touched := OLD.touched + 1;
          RETURN NEW;
      END;
      $$;
      CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch();
    SQL
  end

  def down
    execute <<~'SQL'
      DROP TRIGGER touch ON people;
      DROP FUNCTION touch();
      ALTER TABLE people DROP touched;
    SQL
  end
end
