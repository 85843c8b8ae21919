package org.gatefold.recipe.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of options, from command lines, programs and files: what is no such value is named with what was expected. */
class OptionTest {
    private enum Colour {
        RED,
        DARK_BLUE
    }

    private static final Option<Integer> ROWS = Option.integer("rows", "N", "Rows.")
            .expecting("at least 1", rows -> rows >= 1)
            .or(3);
    private static final Option<Long> COUNT = Option.whole("count", "N", "Count.");
    private static final Option<Double> SHARE =
            Option.real("share", "S", "Share.").expecting("a share of 0 to 1", share -> share >= 0 && share <= 1);
    private static final Option<String> NAME = Option.text("name", "NAME", "Name.");
    private static final Option<String[]> NAMES = Option.texts("names", "NAMES", "Names.");
    private static final Option<Boolean> FAST = Option.flag("fast", "Fast.");
    private static final Option<Colour> COLOUR =
            Option.choice("colour", "KIND", Colour.class, "Colour.").or(Colour.RED);

    private static final Options OPTIONS = Options.of(List.of(ROWS, COUNT, SHARE, NAME, NAMES, FAST, COLOUR));

    @Test
    void readsTexts() {
        Options read = OPTIONS.parsed(Map.of(
                "rows",
                "7",
                "count",
                "-5000000000",
                "share",
                "2.5e-1",
                "name",
                "a,b",
                "names",
                "a, b,c",
                "fast",
                "true"));
        assertThat(read.get(ROWS)).isEqualTo(7);
        assertThat(read.get(COUNT)).isEqualTo(-5_000_000_000L);
        assertThat(read.get(SHARE)).isEqualTo(0.25);
        assertThat(read.get(NAME)).isEqualTo("a,b");
        assertThat(read.get(NAMES)).containsExactly("a", "b", "c");
        assertThat(read.get(FAST)).isTrue();
        assertThat(read.get(COLOUR)).isEqualTo(Colour.RED);
        assertThat(OPTIONS.parsed(Map.of("colour", "dark-blue")).get(COLOUR)).isEqualTo(Colour.DARK_BLUE);
        assertThat(OPTIONS.parsed(Map.of("colour", "Red")).get(COLOUR)).isEqualTo(Colour.RED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rows|many|--rows: expected a whole number of 32 bits, got 'many'",
                "rows|''|--rows: expected a whole number of 32 bits, got ''",
                "rows|3000000000|--rows: expected a whole number of 32 bits, got '3000000000'",
                "rows|1.5|--rows: expected a whole number of 32 bits, got '1.5'",
                "rows|0|--rows: expected at least 1, got 0",
                "count|1e3|--count: expected a whole number of 64 bits, got '1e3'",
                "share|0,5|--share: expected a number, got '0,5'",
                "share|1.5|--share: expected a share of 0 to 1, got 1.5",
                "share|NaN|--share: expected a share of 0 to 1, got NaN",
                "colour|green|--colour: expected one of red, dark-blue, got 'green'",
            })
    void namesOptionExpectationAndText(String name, String text, String complaint) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> OPTIONS.parsed(Map.of(name, text)))
                .withMessage(complaint);
    }

    @Test
    void refusesValuesOfProgramsThatAreNotOfTheType() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OPTIONS.given(Map.of("rows", "7")))
                .withMessage("--rows: expected a value of type Integer, got 7 of type String");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OPTIONS.given(Map.of("share", 1)))
                .withMessage("--share: expected a value of type Double, got 1 of type Integer");
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> OPTIONS.given(Map.of("rows", 0)))
                .withMessage("--rows: expected at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OPTIONS.given(Map.of("row", 7)))
                .withMessageStartingWith("option: expected one of [rows, count, share, ")
                .withMessageEndingWith(", got 'row'");
    }

    @Test
    void aRecipeMayNotTakeANameThatAllHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.of(List.of(Option.integer("hidden", "N", "Units."))))
                .withMessage("option: '--hidden' is one that every recipe has");
    }

    @Test
    void defaultsGiveWayToWhatIsGiven() {
        assertThat(OPTIONS.with(ROWS, 5).get(ROWS)).isEqualTo(5);
        assertThat(OPTIONS.parsed(Map.of("rows", "7")).with(ROWS, 5).get(ROWS)).isEqualTo(7);
        assertThat(OPTIONS.isGiven(ROWS)).isFalse();
        assertThat(OPTIONS.find(COUNT)).isEmpty();
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> OPTIONS.get(COUNT))
                .withMessage("--count: expected a value, got none");
    }

    @Test
    void comesBackFromAFile() {
        Options saved = OPTIONS.parsed(Map.of("rows", "7", "names", "a,b", "colour", "dark-blue"));
        Options read = OPTIONS.read(JsonFields.parse("a.json", saved.json().toString()));
        assertThat(read.shown()).containsExactlyEntriesOf(saved.shown());
        assertThat(read.isGiven(SHARE)).isTrue();
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> read.get(COUNT))
                .withMessage("a.json: count: is missing");
    }

    @Test
    void anOptionThatIsYoungerThanAFileSaysWhatTheFileStandsFor() {
        Option<Boolean> younger = Option.flag("younger", "Younger.").formerly(true);
        Options read = Options.of(List.of(younger, NAME)).read(settings());
        assertThat(read.get(younger)).isTrue();
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> Options.of(List.of(FAST)).read(settings()))
                .withMessage("a.json: fast: is missing");
    }

    /** All options that every recipe has, and no other. */
    private static JsonFields settings() {
        return JsonFields.parse("a.json", Options.of(List.of()).epochs(1).json().toString());
    }
}
