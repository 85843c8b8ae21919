package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.Map;
import org.gatefold.data.Batch;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;

class CharactersTest {
    private static final Table WORDS = Tables.csv("tokens", "ab a", "abcdefghijklmnopqrstuvwxyz", "z \ud83d\ude00a");

    /** The characters of a row, place by place; an empty place is a dot, an unknown character a question mark. */
    private static String row(Characters field, int row) {
        Column column = field.encode(Rows.of(WORDS, row));
        Batch batch = Dataset.of(column).batch();
        Vocabulary vocabulary = field.vocabulary();
        StringBuilder text = new StringBuilder();
        for (int step = 0; step < column.steps(0); step++) {
            String token = vocabulary.token(batch.inputs().get(0).id(step));
            text.append(token.isEmpty() ? "." : token.equals(Vocabulary.UNKNOWN) ? "?" : token);
        }
        return text.toString();
    }

    @Test
    void aWordStandsBetweenEmptyPlaces() {
        Characters field = Characters.column("tokens").fit(Rows.range(WORDS, 0, 2));
        assertThat(row(field, 0)).isEqualTo(".ab" + ".".repeat(15) + ".a" + ".".repeat(16));
        assertThat(field.summary()).isEqualTo("26 characters");
        assertThat(field.vocabulary().token(Characters.EMPTY_ID)).isEmpty();
    }

    @Test
    void ofALongWordBeginningAndEndAreRead() {
        Characters field = Characters.column("tokens").fit(Rows.range(WORDS, 0, 2));
        assertThat(row(field, 1)).isEqualTo(".abcdefghstuvwxyz.").hasSize(Characters.PLACES);
    }

    @Test
    void charactersThatNoTrainingRowHasAreUnknown() {
        Characters field = Characters.column("tokens").fit(Rows.of(WORDS, 0));
        assertThat(row(field, 2)).isEqualTo(".?" + ".".repeat(16) + ".?a" + ".".repeat(15));
    }

    @Test
    void rareCharactersAreUnknownWhereThatIsAskedFor() {
        Characters field = Characters.column("tokens").atLeast(2).fit(Rows.of(WORDS, 0));
        assertThat(row(field, 0)).isEqualTo(".a?" + ".".repeat(15) + ".a" + ".".repeat(16));
    }

    @Test
    void aSavedFieldIsTheSame() {
        Characters field = Characters.column("tokens").fit(Rows.all(WORDS));
        Characters again = Characters.column("tokens").restored(Tables.saved(field));
        assertThat(row(again, 2)).isEqualTo(row(field, 2));
        for (Map.Entry<String, String> damage : Map.of(
                        "{}", "state.json: characters: is missing",
                        "{\"characters\":[\"<unk>\",\"a\"]}",
                                "state.json: characters: expected an empty text as the second, got [<unk>, a]",
                        "{\"characters\":[\"a\",\"\"]}",
                                "state.json: characters: tokens: expected '<unk>' first, got 'a'")
                .entrySet()) {
            JsonFields state = JsonFields.parse("state.json", damage.getKey());
            assertThatExceptionOfType(FileException.class)
                    .isThrownBy(() -> Characters.column("tokens").restored(state))
                    .withMessage(damage.getValue());
        }
    }

    @Test
    void isFittedBeforeItReads() {
        Characters field = Characters.column("tokens");
        assertThat(field.summary()).isEmpty();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> field.encode(Rows.all(WORDS)));
    }

    /** A word has the same features whatever stands beside it. */
    @Test
    void aConvolutionOverThreePlacesSeesOneWord() {
        Table table = Tables.csv("tokens", "abcdefghijklmnopq z", "z abcdefghijklmnopq abcdefghijklmnopq", "z");
        Characters field = Characters.column("tokens").fit(Rows.all(table));
        Network network = Network.sequential(Form.tokens())
                .add(Embedding.of(field.vocabulary().size(), 4).paddingId(Characters.EMPTY_ID))
                .add(Conv1d.of(5, 3).same())
                .add(MaxPool1d.of(Characters.PLACES))
                .build();
        try (Device device = Devices.named("reference");
                Model model = network.on(device).seed(1).build()) {
            float[][][] words = model.predict(field.encode(Rows.all(table)))
                    .get(Model.OUTPUT)
                    .sequences();
            assertThat(Arrays.stream(words).mapToInt(row -> row.length)).containsExactly(2, 3, 1);
            for (float[] z : new float[][] {words[1][0], words[2][0]}) {
                assertThat(z).isEqualTo(words[0][1]);
            }
            for (float[] longer : new float[][] {words[1][1], words[1][2]}) {
                assertThat(longer).isEqualTo(words[0][0]).isNotEqualTo(words[0][1]);
            }
        }
    }
}
