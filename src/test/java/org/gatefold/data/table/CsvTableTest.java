package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTableTest {
    private static CsvTable table(String text) throws IOException {
        return CsvTable.read("a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ";", "\t", "|"})
    void findsTheSeparator(String separator) throws IOException {
        CsvTable table =
                table(String.join(separator, "month", "value") + "\n" + String.join(separator, "1949-01", "1.5"));
        assertThat(table.names()).containsExactly("month", "value");
        assertThat(table.rows()).isEqualTo(1);
        assertThat(table.numbers("value")).containsExactly(1.5);
        assertThat(table.text("month")).containsExactly("1949-01");
    }

    @Test
    void readsQuotesBlanksAndAByteOrderMark() throws IOException {
        CsvTable table = table("\uFEFF\"month\", \"value\" \r\n\"1949-01\", -2e3\r\n\r\n\"1949-02\",4\r\n");
        assertThat(table.names()).first().isEqualTo("month");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.text("month")).containsExactly("1949-01", "1949-02");
    }

    @Test
    void readsGzipAndHeaderlessFiles(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("pixels.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("0,16,3\n7,8,9\n".getBytes(StandardCharsets.UTF_8));
        }
        CsvTable table = CsvTable.readWithoutHeader(file);
        assertThat(table.names()).containsExactly("1", "2", "3");
        assertThat(table.numbers("2")).containsExactly(16, 8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NaN|expected a finite number, got 'NaN'",
                "Infinity|expected a finite number, got 'Infinity'",
                "-|expected a number, got '-'",
                "NA|expected a number, got 'NA'",
                "''|expected a number, the field is empty"
            })
    void namesFileLineAndColumnOfWhatIsNoNumber(String field, String complaint) throws IOException {
        CsvTable table = table("month,value\n1949-01,3\n1949-02," + field + "\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("value"))
                .withMessage("a.csv, line 3, column 'value': " + complaint);
    }

    @Test
    void countsLinesOfTheFileNotRows() throws IOException {
        CsvTable table = table("a,b\n\"two\nlines\",1\n\nx,oops\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("b"))
                .withMessageStartingWith("a.csv, line 5, column 'b'");
    }

    @Test
    void listsTheColumnsThatThereAre() throws IOException {
        CsvTable table = table("month,value\n1949-01,3\n");
        assertThat(table.has("value")).isTrue();
        assertThat(table.has("price")).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("price"))
                .withMessage("a.csv has no column 'price'; its columns are month, value");
    }

    @Test
    void refusesBrokenFiles(@TempDir Path folder) {
        assertThatIllegalArgumentException().isThrownBy(() -> table(" \n")).withMessage("a.csv is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("a,b\n"))
                .withMessage("a.csv has a header but no rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("a,b\n1,2\n1,2,3\n"))
                .withMessage("a.csv, line 3: expected 2 fields, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("a,a\n1,2\n"))
                .withMessage("a.csv, line 1: the column 'a' is there twice");
        assertThatThrownBy(() -> CsvTable.read(folder.resolve("none.csv")))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot read " + folder.resolve("none.csv") + ": no such file");
        assertThatThrownBy(() -> CsvTable.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot read " + folder + ": it is a directory");
    }

    @Test
    void refusesATruncatedGzip(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("cut.csv.gz");
        Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
        assertThatThrownBy(() -> CsvTable.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot read " + file + ": ");
    }

    @Test
    void keepsItsColumnsAsWrittenHoweverLong() throws IOException {
        StringBuilder text = new StringBuilder("id,words,number\n");
        List<String> words = new ArrayList<>();
        double[] numbers = new double[20_000];
        for (int row = 0; row < numbers.length; row++) {
            // Fields longer than the chunks that columns are kept in, and some that cross their borders.
            words.add(row % 5000 == 1 ? "é".repeat(40_000) + row : "wörd " + row);
            numbers[row] = row * 0.37;
            text.append(row)
                    .append(',')
                    .append(words.get(row))
                    .append(',')
                    .append(numbers[row])
                    .append('\n');
        }
        CsvTable table = table(text.toString());
        assertThat(table.text("words")).isEqualTo(words);
        assertThat(table.numbers("number")).containsExactly(numbers);
        assertThat(table.where(19_999, "id")).isEqualTo("a.csv, line 20001, column 'id'");
    }

    @Test
    void keepsOnlyTheColumnsAskedFor() throws IOException {
        CsvTable table = read("a,b,c\n1,2,3\n4,5,6\n", CsvFormat.detect().columns("c", "a"));
        assertThat(table.names()).containsExactly("a", "c");
        assertThat(table.numbers("c")).containsExactly(3, 6);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("a,b\n1,2\n", CsvFormat.detect().columns("d")))
                .withMessage("a.csv has no column 'd'; its columns are a, b");
        assertThat(read("1,2\n3,4\n", CsvFormat.detect().header(false).columns("2"))
                        .numbers("2"))
                .containsExactly(2, 4);
    }

    @Property(tries = 300)
    void readsBackWhatWasWritten(
            @ForAll @Size(min = 1, max = 8)
                    List<
                                    @Size(3) List<
                                            @StringLength(max = 6)
                                            @Chars({'a', '7', 'é', ' ', ',', ';', '|', '\t', '"', '\n', '\r', '.'})
                                            String>>
                            rows,
            @ForAll @IntRange(max = 3) int which,
            @ForAll boolean quoted)
            throws IOException {
        char separator = ",;|\t".charAt(which);
        StringWriter text = new StringWriter();
        CsvWriter.CsvWriterBuilder builder = CsvWriter.builder().fieldSeparator(separator);
        try (CsvWriter csv =
                quoted ? builder.quoteStrategy(QuoteStrategies.ALWAYS).build(text) : builder.build(text)) {
            csv.writeRecord("id", "x", "y", "z");
            for (int row = 0; row < rows.size(); row++) {
                csv.writeRecord(
                        Integer.toString(row),
                        rows.get(row).get(0),
                        rows.get(row).get(1),
                        rows.get(row).get(2));
            }
        }
        CsvTable table = read(text.toString(), CsvFormat.detect().separator(separator));
        assertThat(table.rows()).isEqualTo(rows.size());
        for (int column = 0; column < 3; column++) {
            int at = column;
            assertThat(table.text(table.names().get(column + 1)))
                    .isEqualTo(rows.stream().map(row -> row.get(at).strip()).toList());
        }
    }

    private static CsvTable read(String text, CsvFormat format) throws IOException {
        return CsvTable.read("a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), format);
    }

    @Test
    void saysHowManyRowsAreNeeded() throws IOException {
        CsvTable table = table("v\n1\n2\n");
        table.requireRows(2, "anything");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.requireRows(3, "a window of 2"))
                .withMessage("a.csv: expected at least 3 rows for a window of 2, got 2");
    }
}
