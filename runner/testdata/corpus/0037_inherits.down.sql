DROP TABLE made, selected_into, child, parent;
