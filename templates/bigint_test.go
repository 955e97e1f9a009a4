package templates

import (
	"testing"
)

// orderKeys is a key with all that may refer to it: a table of its own key, a
// self-reference, a part of a primary key, and a foreign key of two columns to that.
const orderKeys = `CREATE TABLE orders (id serial PRIMARY KEY, parent_id int REFERENCES orders ON DELETE SET NULL ON UPDATE CASCADE, customer int, note text);
CREATE INDEX orders_parent_id_idx ON orders (parent_id);
CREATE INDEX orders_customer_id_idx ON orders (customer, id) WHERE id > 5;
CREATE TABLE order_items (id bigserial PRIMARY KEY, order_id int NOT NULL REFERENCES orders ON DELETE CASCADE, qty int, CHECK (order_id > 0));
CREATE INDEX order_items_order_id_idx ON order_items (order_id);
CREATE TABLE payments (order_id int NOT NULL REFERENCES orders, seq smallint, amount int, PRIMARY KEY (order_id, seq));
CREATE TABLE refunds (id bigserial PRIMARY KEY, order_id int, seq smallint, FOREIGN KEY (order_id, seq) REFERENCES payments (order_id, seq) ON DELETE SET NULL);
CREATE INDEX refunds_order_id_seq_idx ON refunds (order_id, seq);
CREATE TABLE audits (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE VIEW open_orders AS SELECT o.id, o.customer, o.note, count(i.id) FROM orders AS o LEFT JOIN order_items AS i ON i.order_id = o.id WHERE note IS NOT NULL GROUP BY o.id;
GRANT SELECT ON open_orders TO public;
INSERT INTO orders (parent_id, customer, note) SELECT nullif(g % 9, 0), g % 7, 'n' || g FROM generate_series(1, 60) AS g;
INSERT INTO order_items (order_id, qty) SELECT g % 60 + 1, g FROM generate_series(1, 200) AS g;
INSERT INTO payments SELECT g, 1, g FROM generate_series(1, 50) AS g;
INSERT INTO refunds (order_id, seq) SELECT g, 1 FROM generate_series(1, 20) AS g;
INSERT INTO audits (order_id) SELECT g FROM generate_series(1, 20) AS g;
`

func TestBigintKeyRoundTrips(t *testing.T) {
	t.Parallel()
	r := newRig(t, orderKeys)
	r.add("bigint-key", params("table=orders"))
	t.Log(r.text())
	pairs := r.next
	r.eachRung(pairs - 1)
	r.down(pairs - 1)
	r.up(0)
}
