package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TsFileTest {
    private static final String HEAD = "#A comment\n@problemName Two\n@timeStamps false\n@classLabel true a b\n@data\n";

    private static Table read(String text) throws IOException {
        return TsFile.read("two.ts", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void channelsAndLabelsAreColumns() throws IOException {
        Table table = read(HEAD + "1,2,3:4,5,6:a\n\n7:8:b\n");
        assertThat(table.names()).containsExactly("1", "2", "label");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.text("1")).containsExactly("1,2,3", "7");
        assertThat(table.text(TsFile.LABEL)).containsExactly("a", "b");
        assertThat(table.where(1, "2")).isEqualTo("two.ts, line 8, column '2'");
    }

    @Test
    void filesWithoutLabelsHaveChannelsAlone() throws IOException {
        assertThat(read("@classLabel false\n@data\n1,2:3,4\n").names()).containsExactly("1", "2");
    }

    @Test
    void gzipIsUnpacked() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write((HEAD + "1:2:a\n").getBytes(StandardCharsets.UTF_8));
        }
        assertThat(TsFile.read("two.ts", new ByteArrayInputStream(packed.toByteArray()))
                        .text("2"))
                .containsExactly("2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "@classLabel true~@data~1:a~1:2:a|two.ts, line 4: expected 2 parts separated by colons, got 3",
                "@timeStamps true~@data~1:a|two.ts, line 1: expected a file without time stamps, got one with",
                "@targetlabel true~@data|two.ts, line 1: expected a file without numbers instead of classes, got one with",
                "value,label~1,a|two.ts, line 1: expected a line that begins with @ or #, before @data, got 'value,label'",
                "@data|two.ts: expected rows behind a line @data, found none",
            })
    void whatIsNoSuchFileIsNamedByLine(String text, String complaint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(text.replace('~', '\n')))
                .withMessage(complaint);
    }
}
