package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.JsonFields;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.seq2seq.EncoderDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranslationTest {
    private static final int WIDTH = 4;
    private static final String REMARK = "found with a length penalty of 0.8, for the best score on the rows held back";

    private final Table table =
            Tables.csv("read,written", "a,x y", "b a,y", "c a b,z x y z", "a c,x", "b,y z x", "c c b a,z z y x y");
    private final Text source = Translation.source(Text.column("read", Tokenizer.SPACES, 9, 1));
    private final Text target = Text.column("written", Tokenizer.SPACES, 9, 1);

    private Translation translation(int width) {
        return Translation.of(source, target, width, 0).fit(Rows.all(table));
    }

    private Fields fields(Translation of) {
        return new Fields(List.of(source), of, null).fit(Rows.all(table));
    }

    @MustBeClosed
    private static Model model(Device device, Fields fields, int seed) {
        Text read = (Text) fields.input();
        Text written = ((Translation) fields.target()).text();
        return EncoderDecoder.of(read.vocabulary().size(), written.vocabulary().size())
                .embedding(3)
                .units(4, 4)
                .layers(1, 1)
                .network()
                .on(device)
                .seed(seed)
                .build();
    }

    private static double score(Translation by, Model model, Fields fields, Rows rows) {
        return by.score(rows, by.answers(model, fields, rows)).first();
    }

    /** Of these first weights one writes better texts if they are short, the other if they are long. */
    @ParameterizedTest
    @CsvSource({"57, 0.8", "58, 1"})
    void textsAreFoundByThePowerThatIsBestForTheRowsHeldBack(int seed, float best) {
        Translation fitted = translation(WIDTH);
        Fields fields = fields(fitted);
        Rows rows = fields.examples(Rows.all(table));
        try (Device device = Devices.named("reference");
                Model model = model(device, fields, seed)) {
            Translation tuned = fitted.tuned(model, fields, rows);
            double score = score(tuned, model, fields, rows);
            assertThat(score).isEqualTo(score(fitted.lengthPower(best), model, fields, rows));
            for (float other : new float[] {1f, 0.8f, 0.6f, 0.4f}) {
                assertThat(score(fitted.lengthPower(other), model, fields, rows))
                        .isLessThanOrEqualTo(score);
            }
            assertThat(score(fitted.lengthPower(1.8f - best), model, fields, rows))
                    .isLessThan(score);
            assertThat(tuned.remark(null)).isEqualTo(best == 1 ? "" : REMARK);
            assertThat(fitted.tunedAs(tuned, model).remark(null)).isEqualTo(tuned.remark(null));
            Translation restored = Translation.of(source, target, WIDTH, 0).restored(state(tuned));
            assertThat(restored.remark(null)).isEqualTo(tuned.remark(null));
            assertThat(score(restored, model, fields, rows)).isEqualTo(score);
        }
    }

    /** Neither a power that was given nor the one path of a greedy search. */
    @Test
    void nothingIsChosenWhereNothingIsLeftToChoose() {
        for (Translation fixed : List.of(translation(WIDTH).lengthPower(1), translation(1))) {
            Fields fields = fields(fixed);
            Rows rows = fields.examples(Rows.all(table));
            try (Device device = Devices.named("reference");
                    Model model = model(device, fields, 57)) {
                assertThat(fixed.tuned(model, fields, rows)).isSameAs(fixed);
                assertThat(fixed.state().keySet()).doesNotContain("lengthPower");
            }
        }
    }

    /** What was saved before anything was chosen. */
    @Test
    void stateWithoutAPowerTakesTheMean() {
        Translation fitted = translation(WIDTH);
        JsonObject state = fitted.state();
        state.remove("lengthPower");
        Translation restored =
                Translation.of(source, target, WIDTH, 0).restored(JsonFields.parse("state", state.toString()));
        assertThat(restored.state()).isEqualTo(fitted.state());
    }

    private static JsonFields state(Translation of) {
        return JsonFields.parse("state", of.state().toString());
    }
}
