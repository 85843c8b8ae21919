package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as spreadsheets, loggers and people leave them: no row may move, and none may be lost unsaid. */
class CsvLoaderTest {
    private static CsvTable table(String text) throws IOException {
        return table(text, CsvFormat.detect());
    }

    private static CsvTable table(String text, CsvFormat format) throws IOException {
        return CsvTable.read("a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), format);
    }

    private static void refused(String text, String complaint) {
        assertThatIllegalArgumentException().isThrownBy(() -> table(text)).withMessage(complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void aBlankLineInTheOnlyColumnIsARowWithoutAValue(String end) throws IOException {
        CsvTable table = table(String.join(end, "", "value", "1", "2", "", "  ", "5", "", ""));
        assertThat(table.text("value")).containsExactly("1", "2", "", "", "5");
        assertThat(table.missing("value")).containsExactly(false, false, true, true, false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("value"))
                .withMessage("a.csv, line 5, column 'value': expected a number, the field is empty");
    }

    @Test
    void aQuotedEmptyFieldIsARowEvenAtTheEnd() throws IOException {
        assertThat(table("name\nx\n\"\"\n\n").text("name")).containsExactly("x", "");
    }

    @Test
    void blankLinesBetweenWiderRowsAreNone() throws IOException {
        CsvTable table = table("\n \na,b\n\n1,2\n   \n3,4\n\n\n");
        assertThat(table.numbers("a")).containsExactly(1, 3);
        assertThat(table.where(1, "a")).isEqualTo("a.csv, line 7, column 'a'");
    }

    @Test
    void rowsOfSeparatorsCountWithinAndAreSkippedAtTheEnd() throws IOException {
        CsvTable table = table("a;b\n1;2\n;\n3;4\n;\n;\n");
        assertThat(table.text("a")).containsExactly("1", "", "3");
    }

    @Test
    void emptyColumnsAtTheEndAreSkipped() throws IOException {
        CsvTable table = table("date;value;;\n2023-01-01;1;;\n2023-01-02;2\n2023-01-03;3;;;;\n");
        assertThat(table.names()).containsExactly("date", "value");
        assertThat(table.numbers("value")).containsExactly(1, 2, 3);
    }

    @Test
    void unnamedColumnsThatHoldSomethingAreNamedByTheirNumber() throws IOException {
        CsvTable table = table(",value,,\n0,7.5,,x\n1,8.5,,\n");
        assertThat(table.names()).containsExactly("1", "value", "4");
        assertThat(table.text("4")).containsExactly("x", "");
        refused(",1,x\n0,7.5,8\n", "a.csv, line 1: the column '1' is there twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sep=;\r\n", "SEP=;\n", "\uFEFFsep=;\n", "\"sep=;\"\n", "sep=;;\n"})
    void theSeparatorThatSpreadsheetsDeclareIsNoHeader(String declaration) throws IOException {
        CsvTable table = table(declaration + "date,time;value\n1,1;2\n3,3;x\n");
        assertThat(table.names()).containsExactly("date,time", "value");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("value"))
                .withMessageStartingWith("a.csv, line 4, column 'value'");
    }

    @Test
    void anUnusualDeclaredSeparatorHolds() throws IOException {
        assertThat(table("sep=:\na:b\n1:2\n").names()).containsExactly("a", "b");
        assertThat(table("sep=\t\na\tb,c\n1\t2\n").names()).containsExactly("a", "b,c");
    }

    @Test
    void theSeparatorIsWhatCutsAllLinesAlike() throws IOException {
        assertThat(table("a;b\n1;2,5\n3,5;4").names()).containsExactly("a", "b");
        assertThat(table("a,b\nx;y;z,2\nu;v;w,3\n").names()).containsExactly("a", "b");
        assertThat(table("a|b,c\n1|2\n3|4\n").names()).containsExactly("a", "b,c");
        assertThat(table("\"x,y,z\";b\n1;2\n").names()).containsExactly("x,y,z", "b");
        assertThat(table("\"x\n,,,y\";b\n1;2\n").names()).containsExactly("x ,,,y", "b");
        assertThat(table("\"x \"\",,\";b\n1;2\n").names()).containsExactly("x \",,", "b");
        assertThat(table("say \"a;b;c\",b\n1,2\n").names()).containsExactly("say \"a;b;c\"", "b");
    }

    @Test
    void aSeparatorThatWasSaidIsNotLookedFor() throws IOException {
        assertThat(table("a;b,c;d\n1;2,3;4\n", CsvFormat.detect().separator(','))
                        .text("c;d"))
                .containsExactly("3;4");
    }

    @Test
    void aDecimalCommaIsNoSeparatorEvenWithoutAHeader() throws IOException {
        CsvTable table = table("1,5;2,5\n3,5;4,5\n", CsvFormat.detect().header(false));
        assertThat(table.numbers("2")).containsExactly(2.5, 4.5);
        assertThat(table("x,1;y\n", CsvFormat.detect().header(false).separator(','))
                        .text("2"))
                .containsExactly("1;y");
    }

    @Test
    void namesMaySpanLines() throws IOException {
        CsvTable table = table("\"date\",\"temperature\r\n (°C)\"\r\n2023-01-01,\"1\"\r\n2023-01-02,oops\r\n");
        assertThat(table.names()).containsExactly("date", "temperature (°C)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("temperature (°C)"))
                .withMessageStartingWith("a.csv, line 4, column 'temperature (°C)'");
        refused("a,\"b\nc\",b c\n1,2,3\n", "a.csv, line 1: the column 'b c' is there twice");
    }

    @Test
    void spacesRoundQuotesAndFieldsAreNoPartOfThem() throws IOException {
        CsvTable table = table("\"a\" , \"b\"\n\u00A01\u00A0, \"x,y\" \n");
        assertThat(table.names()).containsExactly("a", "b");
        assertThat(table.numbers("a")).containsExactly(1);
        assertThat(table.text("b")).containsExactly("x,y");
    }

    @Test
    void aFirstLineOfValuesIsNoHeaderUnlessSaidToBe() throws IOException {
        refused(
                "5.1,3.5,1.4,0.2,7\n4.9,3,1.4,0.2,7\n",
                "a.csv, line 1: expected names of columns, got 5.1, 3.5, 1.4, 0.2, …; say header(false) if no line names"
                        + " them, header(true) if these are names");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("\n2023-01-01;1,5\n2023-01-02;2,5\n"))
                .withMessageStartingWith("a.csv, line 2: expected names of columns, got 2023-01-01, 1,5; ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("12\n13\n"))
                .withMessageStartingWith("a.csv, line 1: expected names of columns, got 12; ");
        assertThat(table("2019,2020\n1,2\n", CsvFormat.detect().header(true)).names())
                .containsExactly("2019", "2020");
        assertThat(table("country,2019\nx,2\n").names()).containsExactly("country", "2019");
        CsvTable headerless =
                table("2023-01-01,1\n2023-01-02,2\n", CsvFormat.detect().header(false));
        assertThat(headerless.names()).containsExactly("1", "2");
        assertThat(headerless.numbers("2")).containsExactly(1, 2);
    }

    @Test
    void namesTheLineOfWhatIsBroken() {
        refused("a,b\n1,2\n3\n", "a.csv, line 3: expected 2 fields, got 1");
        refused("a,b,\n1,2,,,x\n", "a.csv, line 2: expected 3 fields, got 5");
        refused("x\n\na,b\na,b\n", "a.csv, line 3: expected 1 fields, got 2");
        refused("\na,a\n1,2\n", "a.csv, line 2: the column 'a' is there twice");
        refused("a,b\n1,\"x\"y\n", "a.csv, line 2: Unexpected character after closing quote: 'y' (0x79)");
        refused("a,b\n\n\n,\n", "a.csv has a header but no rows");
        refused("\n\r\n \n", "a.csv is empty");
        refused("", "a.csv is empty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2,\"x\n3,y\n", "2,\"x", "2,\"", "2,\"x\"\"", "2,\"x\n\n", "2,\"\"\"\n", "2,\"x\n3,y \"\"z\n"})
    void aQuoteThatIsNeverClosedDoesNotSwallowRows(String row) {
        refused("a,b\n1,o\"k\n" + row, "a.csv, line 3: a quote is opened and never closed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2,\"x\n\"\n", "2,\"x\"", "2,\"\"", "2,\"x\"\"\"", "2,\"\n\"\n\n", "2,x\"y\n", "2,\"\"\"\"\n"})
    void aQuoteThatIsClosedIsFine(String row) throws IOException {
        assertThat(table("a,b\n1,o\"k\n" + row).rows()).isEqualTo(2);
        assertThat(table("\"sep=,\"\na,b\n1,o\"k\n" + row).rows()).isEqualTo(2);
    }

    @Test
    void aFieldLongerThanAnyFieldIsNamed() {
        String words = "wo ".repeat(6_000_000);
        for (String quote : List.of("", "\"")) {
            refused(
                    "a,b\n1,2\n3," + quote + words,
                    "a.csv, line 3: expected fields of at most 16777216 characters, got more; a quote may be opened and"
                            + " never closed");
        }
    }

    @Test
    void moreColumnsThanAnyTableHasAreNamed() {
        refused("a,b\n" + ",".repeat(200_000), "a.csv, line 2: expected at most 100000 fields, got more");
    }
}
