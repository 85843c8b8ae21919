package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of one column, as a file separated by semicolons or quotes holds them. */
class NumeralsTest {
    private static CsvTable column(CsvFormat format, String... fields) throws IOException {
        return read(format.separator(';'), "value;name\n" + String.join(";x\n", fields) + ";x\n");
    }

    private static CsvTable read(CsvFormat format, String text) throws IOException {
        return CsvTable.read("a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), format);
    }

    private static double[] numbers(String... fields) throws IOException {
        return column(CsvFormat.detect(), fields).numbers("value");
    }

    private static void refused(CsvFormat format, String complaint, String... fields) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> column(format, fields).numbers("value"))
                .withMessage("a.csv, line " + (fields.length + 1) + ", column 'value': " + complaint);
    }

    @Test
    void readsDecimalPointsAndCommas() throws IOException {
        assertThat(numbers("1", "-2.5", "+.5", "3.", "1e3", "-1.5E-2")).containsExactly(1, -2.5, 0.5, 3, 1000, -0.015);
        assertThat(numbers("1", "-2,5", "+,5", "3,", "1e3", "-1,5E-2")).containsExactly(1, -2.5, 0.5, 3, 1000, -0.015);
        assertThat(numbers("1.234", "2")).containsExactly(1.234, 2);
        assertThat(numbers("1,234", "2,5")).containsExactly(1.234, 2.5);
        assertThat(numbers("0,234", "1,234")).containsExactly(0.234, 1.234);
        assertThat(numbers("1234,567", "1,234")).containsExactly(1234.567, 1.234);
    }

    @Test
    void readsQuotedDecimalCommasBetweenCommas() throws IOException {
        assertThat(read(CsvFormat.detect(), "a,b\nx,\"1,5\"\ny,\"2\"\n").numbers("b"))
                .containsExactly(1.5, 2);
    }

    @Test
    void refusesWhatMayBeTwoNumbers() {
        refused(
                CsvFormat.detect(),
                "'1,234' may be 1.234 or 1234; say which by decimal(CHARACTER) or thousands(CHARACTER)",
                "7",
                "1,234");
    }

    @Test
    void takesTheNumeralsOfOtherColumns() throws IOException {
        String text = "a;b;c\n1,234;12,5;1.234\n2,345;x;999\n";
        CsvTable table = read(CsvFormat.detect(), text);
        assertThat(table.numbers("a")).containsExactly(1.234, 2.345);
        // Beside decimal commas, a point before three digits is rather one between thousands.
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("c"))
                .withMessageStartingWith("a.csv, line 2, column 'c': '1.234' may be 1.234 or 1234; ");
        assertThat(read(CsvFormat.detect().thousands('.'), text).numbers("c")).containsExactly(1234, 999);
        assertThat(read(CsvFormat.detect(), "a;b\n12,5;1.234\n1,5;0.1\n").numbers("b"))
                .containsExactly(1.234, 0.1);
        assertThatIllegalArgumentException()
                .as("a list of two, as it may be")
                .isThrownBy(() ->
                        read(CsvFormat.detect(), "a,b\n\"1,234\",\"1,2\"\n").numbers("a"))
                .withMessageContaining("may be");
    }

    @Test
    void namesSeparatorsOfThousands() {
        CsvFormat detect = CsvFormat.detect();
        String point = "expected a number with a decimal point and nothing between thousands, got ";
        String comma = "expected a number with a decimal comma and nothing between thousands, got ";
        refused(detect, point + "'1,234.5'", "1", "1,234.5");
        refused(detect, point + "'1,234,567'", "1", "1,234,567");
        refused(detect, point + "'1,234'", "1.5", "1,234");
        refused(detect, point + "'1.234.567'", "1", "1.234.567");
        refused(detect, comma + "'1.234,5'", "1,5", "1.234,5");
        refused(detect, comma + "'12.5'", "1,5", "12.5");
        refused(detect, point + "'1 234'", "1", "1 234");
        refused(detect, point + "'12 345.6'", "1", "12 345.6");
        refused(detect, point + "'1'234.5'", "1", "1'234.5");
        refused(detect, point + "'1_000'", "1", "1_000");
        refused(detect.decimal('.'), point + "'1,5'", "2", "1,5");
        refused(detect.decimal(','), comma + "'1.5'", "2", "1.5");
    }

    @Test
    void readsSeparatorsOfThousandsThatWereSaid() throws IOException {
        CsvFormat detect = CsvFormat.detect();
        assertThat(column(detect.thousands(','), "1,234.5", "-1,234,567", "12").numbers("value"))
                .containsExactly(1234.5, -1234567, 12);
        assertThat(column(detect.thousands('.'), "1.234,5", "1.234", "12,25").numbers("value"))
                .containsExactly(1234.5, 1234, 12.25);
        assertThat(column(detect.thousands(' '), "1 234,5", "1\u00A0234", "1\u202F234")
                        .numbers("value"))
                .containsExactly(1234.5, 1234, 1234);
        assertThat(column(detect.thousands('\''), "1'234.5", "1\u2019234").numbers("value"))
                .containsExactly(1234.5, 1234);
        assertThat(column(detect.decimal(','), "1,234", "5").numbers("value")).containsExactly(1.234, 5);
        refused(
                detect.thousands(','),
                "expected a number with a decimal point and ',' between thousands, got '1,23'",
                "1,23");
        refused(
                detect.thousands('.'),
                "expected a number with a decimal comma and '.' between thousands, got '1.5'",
                "1.5");
        refused(
                detect.thousands('.'),
                "expected a number with a decimal comma and '.' between thousands, got '1,234.5'",
                "1,234.5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"12x", "1d", "2f", "0x1p3", "1e", "--1", "12 %", "2023-01-01", "1,2,3", ".", ",", "e5", "1 2"})
    void namesWhatIsNoNumber(String field) {
        refused(CsvFormat.detect(), "expected a number, got '" + field + "'", "1", field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "nan", "-Infinity", "inf", "1e400"})
    void namesWhatIsNotFinite(String field) {
        refused(CsvFormat.detect(), "expected a finite number, got '" + field + "'", "1", field);
    }

    @Test
    void quotesTheBeginningOfALongField() {
        refused(CsvFormat.detect(), "expected a number, got '" + "y".repeat(60) + "…'", "1", "y".repeat(70_000));
    }

    @Test
    void refusesFormatsThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvFormat.detect().decimal(';'))
                .withMessage("decimal: expected '.' or ',', got ';'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvFormat.detect().thousands('x'))
                .withMessage("thousands: expected ',', '.', a space, an apostrophe or '_', got 'x'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvFormat.detect().decimal(',').thousands(','))
                .withMessage("thousands: expected another character than decimal, got ','");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvFormat.detect().separator('\n'))
                .withMessage("separator: expected no quote, line end or NUL, got 0x0A");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvFormat.detect().maxBytes(0))
                .withMessage("maxBytes: expected at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvFormat.detect().columns())
                .withMessage("columns: expected at least one name, got none");
    }

    @Test
    void tellsColumnsOfNumbers() throws IOException {
        CsvTable table = read(CsvFormat.detect(), "a;b;c;d\nNA;x;;2023-01-01\n1,5;2;;2023-01-02\n");
        assertThat(table.startsWithNumber("a")).isTrue();
        assertThat(table.startsWithNumber("b")).isFalse();
        assertThat(table.startsWithNumber("c")).isFalse();
        assertThat(table.startsWithNumber("d")).isFalse();
    }
}
