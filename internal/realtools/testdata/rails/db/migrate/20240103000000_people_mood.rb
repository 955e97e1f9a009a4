class PeopleMood < ActiveRecord::Migration[6.1]
  disable_ddl_transaction!

  def change
    add_index :people, [:mood, :id], name: "people_mood", algorithm: :concurrently
  end
end
