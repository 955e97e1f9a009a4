package task

import (
	"reflect"
	"testing"
)

type common struct{ T, AsText string }

func TestFieldsAreNamedAsParametersAre(t *testing.T) {
	t.Parallel()
	got := Fields(struct {
		common
		NewKLinks int
		Or        string
	}{common{"t", "::text"}, 3, ""})
	want := map[string]any{"t": "t", "as_text": "::text", "new_k_links": 3, "or": ""}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAgainHasTheParametersToo(t *testing.T) {
	t.Parallel()
	got := Again(&Input{Params: map[string]string{"column": "c", "t": "hidden"}}, common{"t", ""})
	want := map[string]any{"column": "c", "t": "t", "as_text": "", "or": " OR REPLACE"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
