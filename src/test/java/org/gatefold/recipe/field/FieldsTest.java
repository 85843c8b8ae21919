package org.gatefold.recipe.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.text.Text;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;

/** One input has no name of its own; several have those of their fields, and steps of their own. */
class FieldsTest {
    private static final Table TABLE = Tables.csv("left;right;label", "a b;c;x", "a;c d e;y");

    private static final Text LEFT = Text.column("left", Tokenizer.SPACES, 10, 1);
    private static final Text RIGHT = Text.column("right", Tokenizer.SPACES, 10, 1);
    private static final Category LABEL = Category.column("label");

    @Test
    void severalInputsAreReadByTheirNames() {
        Rows rows = Rows.all(TABLE);
        Fields fields = new Fields(List.of(LEFT, RIGHT), LABEL, null).fit(rows);
        assertThat(fields.forms(rows.slice(0, 1)))
                .containsExactly(entry("left", Form.tokens()), entry("right", Form.tokens()));
        for (Dataset data : List.of(fields.dataset(rows), fields.training(rows))) {
            assertThat(data.inputs()).extracting(Column::name).containsExactly("left", "right");
            assertThat(data.inputs()).extracting(column -> column.steps(1)).containsExactly(1, 3);
            assertThat(data.targets()).extracting(Column::name).containsExactly(Dataset.TARGET);
        }
        assertThat(fields.input()).isSameAs(fields.inputs().get(0));
        assertThat(fields.summary()).isEqualTo("vocabulary of 3 tokens, vocabulary of 4 tokens, 2 classes");
    }

    @Test
    void whatWasFittedIsKeptByName() {
        Rows rows = Rows.all(TABLE);
        Fields fields = new Fields(List.of(LEFT, RIGHT), LABEL, null).fit(rows);
        assertThat(fields.state())
                .hasToString("{\"inputs\":{\"left\":{\"tokens\":[\"<unk>\",\"a\",\"b\"]},\"right\":{"
                        + "\"tokens\":[\"<unk>\",\"c\",\"d\",\"e\"]}},\"target\":{\"classes\":[\"x\",\"y\"]}}");
        JsonFields saved = JsonFields.parse("a.json", fields.state().toString());
        Fields again = new Fields(List.of(LEFT, RIGHT), LABEL, null).restored(saved);
        assertThat(again.state()).isEqualTo(fields.state());
    }

    @Test
    void oneInputHasNoNameOfItsOwn() {
        Rows rows = Rows.all(TABLE);
        Fields fields = new Fields(LEFT, LABEL).fit(rows);
        assertThat(fields.read(rows).inputs()).extracting(Column::name).containsExactly(Dataset.INPUT);
        assertThat(fields.state().keySet()).containsExactly("input", "target");
    }

    @Test
    void refusesInputsThatCannotBeToldApart() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Fields(List.of(LEFT, LEFT), LABEL, null))
                .withMessage("inputs: expected at least one, of different names, got [left, left]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Fields(List.of(), LABEL, null))
                .withMessage("inputs: expected at least one, of different names, got []");
    }
}
