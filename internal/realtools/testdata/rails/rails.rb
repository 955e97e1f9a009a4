# What bin/rails db:migrate and its like do, with ActiveRecord alone.
require "active_record"
require "active_record/tasks/database_tasks"

ActiveRecord::Migration.verbose = false
ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))
migrations = ActiveRecord::MigrationContext.new("db/migrate", ActiveRecord::SchemaMigration)
tasks = ActiveRecord::Tasks::DatabaseTasks

case ARGV[0]
when "db:migrate" then migrations.migrate(ENV["VERSION"]&.to_i)
when "db:rollback" then migrations.rollback(ENV.fetch("STEP", "1").to_i)
when "db:schema:dump"
  config = ActiveRecord::Base.connection_db_config
  tasks.db_dir, tasks.env = "db", "development"
  tasks.structure_dump(config, "db/structure.sql")
  File.write("db/structure.sql", ActiveRecord::Base.connection.dump_schema_information + "\n", mode: "a")
when "db:abort_if_pending_migrations"
  abort "You have pending migrations" if migrations.needs_migration?
else abort "what is #{ARGV[0]}?"
end
