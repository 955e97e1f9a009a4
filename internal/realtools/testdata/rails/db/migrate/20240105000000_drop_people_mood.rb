class DropPeopleMood < ActiveRecord::Migration[6.1]
  disable_ddl_transaction!

  def change
    remove_index :people, column: [:mood, :id], name: "people_mood", algorithm: :concurrently
  end
end
