package org.gatefold.recipe.field.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Rows;
import org.junit.jupiter.api.Test;

class AttentionTranscriptTest {
    private static final AttentionTranscript BLANK =
            AttentionTranscript.column("label", Transcript.Units.CHARACTERS, 4, 0.1f, 0.01);

    private static Rows rows(String... texts) throws IOException {
        String csv = "label\n" + String.join("\n", texts) + "\n";
        return Rows.all(CsvTable.read("a.csv", new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8))));
    }

    /** Units are " ", a, b and c, from 1 on; 0 begins and ends. */
    @Test
    void readsAndWritesTextsOneStepApart() throws IOException {
        AttentionTranscript fitted = BLANK.fit(rows("ab ba", "cab"));
        Rows rows = rows("ba", "xc");
        // Steps after steps, of both rows.
        assertThat(ids(fitted.forced(rows).get(0))).containsExactly(0, 0, 3, 4, 2, 0);
        assertThat(ids(fitted.encode(rows))).containsExactly(3, 4, 2, 0, 0, 0);
        assertThat(fitted.forced(rows).get(0).steps(1)).isEqualTo(2);
    }

    private static int[] ids(Column column) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("ids")) {
            return Dataset.of(column)
                    .batch()
                    .upload(scope)
                    .inputs()
                    .get(0)
                    .value()
                    .toInts();
        }
    }

    @Test
    void comesBackAsItWasFitted() throws IOException {
        AttentionTranscript fitted = BLANK.fit(rows("ab ba", "cab"));
        assertThat(fitted.summary()).isEqualTo("4 characters");
        JsonObject state = fitted.state();
        assertThat(BLANK.restored(JsonFields.parse("a", state.toString())).state())
                .isEqualTo(state);
        state.addProperty("longest", 0);
        assertThatThrownBy(() -> BLANK.restored(JsonFields.parse("a", state.toString())))
                .isInstanceOf(FileException.class)
                .hasMessageContaining("longest");
    }
}
