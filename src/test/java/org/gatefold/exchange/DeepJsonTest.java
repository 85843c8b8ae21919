package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.gatefold.file.FileException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptions that are nested 100,000 levels deep, which a reader that goes down with them has no stack for. */
class DeepJsonTest {
    private static final int LEVELS = 100_000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "net.json, '', '{\"a\":', '}'",
        "list.json, '', '[', ']'",
        "model.zip, configuration.json, '{\"a\":', '}'",
        "model.keras, config.json, '[', ']'"
    })
    void deepNestingIsRefusedInOneLine(String name, String entry, String open, String close) throws IOException {
        String text = "{\"input\": " + open.repeat(LEVELS) + "1" + close.repeat(LEVELS) + "}";
        Path file = folder.resolve(name);
        if (entry.isEmpty()) {
            Files.writeString(file, text);
        } else {
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        assertThatThrownBy(() -> ModelFormats.of(file).network(file))
                .isInstanceOf(FileException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is no JSON")
                .hasMessageContaining("Nesting limit")
                .hasMessageNotContaining("\n");
    }
}
