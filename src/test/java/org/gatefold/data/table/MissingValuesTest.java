package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class MissingValuesTest {
    private static CsvTable table(String text) throws IOException {
        return table(text, CsvFormat.detect());
    }

    private static CsvTable table(String text, CsvFormat format) throws IOException {
        return CsvTable.read("a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), format);
    }

    /** Gaps at both ends and one of two rows. */
    private static CsvTable gaps() throws IOException {
        return table("day,value,other\n1,NA,\n2,10,5\n3,,6\n4,?,NaN\n5,40,8\n6,-,9\n");
    }

    @Test
    void knowsTheUsualTokensInAnyCase() throws IOException {
        CsvTable table = table("v,w\n,1\nNA,1\nna,1\nNaN,1\nnull,1\nNULL,1\n?,1\n-,1\n0,1\n-1,1\nn,1\n");
        assertThat(table.missing("v"))
                .containsExactly(true, true, true, true, true, true, true, true, false, false, false);
    }

    @Test
    void takesOtherTokensInstead() throws IOException {
        CsvFormat format = CsvFormat.detect().missing("-200", " N/A ");
        CsvTable table = table("v,w\n-200,1\nn/a,1\n3,1\n", format);
        assertThat(table.missing("v")).containsExactly(true, true, false);
        assertThat(table.withMissing(MissingValues.DROP, "v").numbers("v")).containsExactly(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("v,w\n1,1\nNA,1\n", format).withMissing(MissingValues.INTERPOLATE, "v"))
                .withMessage("a.csv, line 3, column 'v': expected a number, got 'NA'");
    }

    @Test
    void failsByDefault() throws IOException {
        CsvTable table = gaps().withMissing(MissingValues.FAIL, "value");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("value"))
                .withMessage("a.csv, line 2, column 'value': expected a number, got 'NA'");
    }

    @Test
    void dropsRowsWithAGapInOneOfTheColumns() throws IOException {
        CsvTable value = gaps().withMissing(MissingValues.DROP, "value");
        assertThat(value.text("day")).containsExactly("2", "5");
        assertThat(value.rows()).isEqualTo(2);
        assertThat(value.where(1, "day")).isEqualTo("a.csv, line 6, column 'day'");
        assertThat(gaps().withMissing(MissingValues.DROP, "value", "other").text("day"))
                .containsExactly("2", "5");
        assertThat(gaps().withMissing(MissingValues.DROP, "other").numbers("other"))
                .containsExactly(5, 6, 8, 9);
        assertThat(gaps().withMissing(MissingValues.FORWARD_FILL, "day")
                        .withMissing(MissingValues.DROP, "value")
                        .numbers("day"))
                .as("computed columns lose their rows too")
                .containsExactly(2, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("a,b\nNA,1\n2,\n").withMissing(MissingValues.DROP, "a", "b"))
                .withMessage("a.csv: expected a row without missing values in a, b, got none");
    }

    @Test
    void interpolatesByRowsAndHoldsAtTheEnds() throws IOException {
        CsvTable table = gaps().withMissing(MissingValues.INTERPOLATE, "value", "other");
        assertThat(table.numbers("value")).containsExactly(new double[] {10, 10, 20, 30, 40, 40}, within(1e-12));
        assertThat(table.numbers("other")).containsExactly(new double[] {5, 5, 6, 7, 8, 9}, within(1e-12));
        assertThat(table.text("value").get(1)).isEqualTo("10");
        assertThat(table.missing("value")).containsOnly(false);
        assertThat(gaps().withMissing(MissingValues.INTERPOLATE, "value").missing("other"))
                .as("columns that were not named stay")
                .containsExactly(true, false, false, true, false, false);
    }

    @Test
    void forwardFillsFromTheRowBeforeOnly() throws IOException {
        CsvTable table = table("v,w\n1,1\nNA,1\n,1\n4.5,1\n?,1\n").withMissing(MissingValues.FORWARD_FILL, "v");
        assertThat(table.numbers("v")).containsExactly(1, 1, 1, 4.5, 4.5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gaps().withMissing(MissingValues.FORWARD_FILL, "value"))
                .withMessage(
                        "a.csv, line 2, column 'value': the value is missing, and there is none before it to fill it"
                                + " from");
    }

    @ParameterizedTest
    @EnumSource(
            value = MissingValues.class,
            mode = Mode.INCLUDE,
            names = {"INTERPOLATE", "FORWARD_FILL"})
    void fillsNothingWhereNothingIsMissing(MissingValues policy) throws IOException {
        assertThat(table("v,w\n1,1\n2.5,1\n").withMissing(policy, "v").numbers("v"))
                .containsExactly(1, 2.5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("v,w\nNA,1\n,1\n").withMissing(policy, "v"))
                .withMessageStartingWith("a.csv, line 2, column 'v': the value is missing, and there is none ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("v,w\n1,1\nNA,1\nx,1\n").withMissing(policy, "v"))
                .withMessage("a.csv, line 4, column 'v': expected a number, got 'x'");
    }

    @Test
    void aMaskSaysWhereValuesWere() throws IOException {
        CsvTable table = gaps().withMask("value").withMissing(MissingValues.INTERPOLATE, "value");
        assertThat(table.names()).containsExactly("day", "value", "other", CsvTable.maskName("value"));
        assertThat(table.numbers("value missing")).containsExactly(1, 0, 1, 1, 0, 1);
        assertThat(table.text("value missing")).containsExactly("1", "0", "1", "1", "0", "1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.withMask("value"))
                .withMessage("a.csv: the column 'value missing' is there already");
    }

    @Test
    void maskHoldsTheValueBeforeAndSaysWhere() throws IOException {
        CsvTable table = gaps().withMissing(MissingValues.MASK, "value");
        assertThat(table.numbers("value")).containsExactly(10, 10, 10, 10, 40, 40);
        assertThat(table.numbers(CsvTable.maskName("value"))).containsExactly(1, 0, 1, 1, 0, 1);
    }

    @Test
    void nothingIsFilledFromAnotherStretchNorFromBehindItsBoundary() throws IOException {
        CsvTable table = table("v,w\n1,1\n,1\n3,1\n?,1\n?,1\n9,1\n,1\n,1\n5,1\n");
        List<Stretch> stretches = List.of(new Stretch(0, 4, 6), new Stretch(6, 9, 9));
        assertThat(table.withMissing(MissingValues.INTERPOLATE, stretches, "v").numbers("v"))
                .containsExactly(1, 2, 3, 3, 3, 9, 5, 5, 5);
        assertThat(table.withMissing(MissingValues.MASK, stretches, "v").numbers("v"))
                .containsExactly(1, 1, 3, 3, 3, 9, 5, 5, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        table.withMissing(MissingValues.MASK, List.of(new Stretch(0, 6, 6), new Stretch(6, 8, 9)), "v"))
                .withMessage(
                        "a.csv, line 8, column 'v': the value is missing, and there is none in rows 7 to 8 to fill it"
                                + " from");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Stretch(3, 2, 4))
                .withMessage("stretch: expected 0 <= from <= boundary <= to, got 3, 2, 4");
    }

    @Test
    void fillsABlankLineOfTheOnlyColumn() throws IOException {
        assertThat(table("value\n100\n\n104\n")
                        .withMissing(MissingValues.INTERPOLATE, "value")
                        .numbers("value"))
                .containsExactly(100, 102, 104);
    }

    @Test
    void namesWhatIsNotThere() throws IOException {
        CsvTable table = gaps();
        for (MissingValues policy : MissingValues.values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> table.withMissing(policy, "price"))
                    .withMessage("a.csv has no column 'price'; its columns are day, value, other");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> table.withMissing(policy))
                    .withMessage("columns: expected at least one name, got none");
        }
        assertThat(MissingValues.FORWARD_FILL.label()).isEqualTo("forward-fill");
    }
}
