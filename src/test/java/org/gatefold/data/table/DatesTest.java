package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatesTest {
    private static CsvTable column(CsvFormat format, String... fields) throws IOException {
        String text = "when\n" + String.join("\n", fields);
        return CsvTable.read(
                "a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), format.separator('\t'));
    }

    private static LocalDateTime date(String field) throws IOException {
        return column(CsvFormat.detect(), field).dates("when").get(0);
    }

    private static void refused(String complaint, String... fields) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> column(CsvFormat.detect(), fields).dates("when"))
                .withMessage("a.csv, " + complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2024|2024-01-01T00:00",
                "2024-05|2024-05-01T00:00",
                "2024/5|2024-05-01T00:00",
                "05/2024|2024-05-01T00:00",
                "2024-Q2|2024-04-01T00:00",
                "2024q4|2024-10-01T00:00",
                "May 2024|2024-05-01T00:00",
                "sept-2024|2024-09-01T00:00",
                "2024-05-17|2024-05-17T00:00",
                "2024/05/17|2024-05-17T00:00",
                "2024.5.7|2024-05-07T00:00",
                "20240517|2024-05-17T00:00",
                "17.05.2024|2024-05-17T00:00",
                "7.5.2024|2024-05-07T00:00",
                "05/17/2024|2024-05-17T00:00",
                "17/05/2024|2024-05-17T00:00",
                "17-05-2024|2024-05-17T00:00",
                "05/05/2024|2024-05-05T00:00",
                "Jan 1 2000|2000-01-01T00:00",
                "January 31, 2000|2000-01-31T00:00",
                "31-Jan-2000|2000-01-31T00:00",
                "31 DECEMBER 2000|2000-12-31T00:00",
                "2024-05-17 13:30|2024-05-17T13:30",
                "2024-05-17T13:30|2024-05-17T13:30",
                "2024-05-17t9:30|2024-05-17T09:30",
                "2024-05-17 13:30:05|2024-05-17T13:30:05",
                "2024-05-17 13:30:05.25|2024-05-17T13:30:05.25",
                "2024-05-17T13:30:05,123456789|2024-05-17T13:30:05.123456789",
                "2024-05-17T13:30:05Z|2024-05-17T13:30:05",
                "2024-05-17T13:30z|2024-05-17T13:30",
                "2024-05-17 13:30:05 UTC|2024-05-17T13:30:05",
                "2024-05-17T13:30:05.000+02:00|2024-05-17T13:30:05",
                "2024-05-17 13:30:05 -0500|2024-05-17T13:30:05",
                "2024-05-17T13:30+01|2024-05-17T13:30",
                "2024-05-17T13:30+02:00[Europe/Berlin]|2024-05-17T13:30",
                "17.05.2024 13:30|2024-05-17T13:30",
                "5/17/2024 1:30 PM|2024-05-17T13:30",
                "5/17/2024 12:05 am|2024-05-17T00:05",
                "5/17/2024 12:05:09 PM|2024-05-17T12:05:09",
                "1715950800|2024-05-17T13:00",
                "946684799|1999-12-31T23:59:59",
                "1715950800250|2024-05-17T13:00:00.250",
                "2024-02-29|2024-02-29T00:00"
            })
    void readsTheCommonSpellings(String written, LocalDateTime date) throws IOException {
        assertThat(date(written)).isEqualTo(date);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2023-02-31|February 2023 has 28 days",
                "31.02.2024|February 2024 has 29 days",
                "02/29/2023|February 2023 has 28 days",
                "20230431|April 2023 has 30 days",
                "31 Apr 2023|April 2023 has 30 days",
                "2024-13|there is no month 13",
                "17.13.2024|there is no month 13",
                "13/2024|there is no month 13",
                "2024-00-17|there is no month 0",
                "2024-05-00|there is no day 0",
                "2024-05-17 24:00|there is no such time of day",
                "2024-05-17 12:60|there is no such time of day",
                "2024-05-17 12:00:60|there is no such time of day",
                "5/17/2024 13:00 PM|there is no such time of day",
                "5/17/2024 0:00 AM|there is no such time of day",
                "2024-05 13:00|a time without a day",
                "1/5/24|which year is not clear",
                "2034022013|it may be seconds since 1970, or year, month, day and hour"
            })
    void saysWhatIsWrongWithADate(String written, String reason) {
        refused(
                "line 3, column 'when': expected a date such as 2024-05-17, 2024-05-17 13:00, 17.05.2024 or 2024, got '"
                        + written + "': " + reason,
                "2024-01-01",
                written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oops",
                "NA",
                "7",
                "202405",
                "2024-05-17-03",
                "2024-05/17",
                "2024-05-17T",
                "2024-05-17 1300",
                "13:00",
                "Foo 1 2000",
                "2024-W20",
                "99999999999",
                "-2024",
                "2024-05-17T13:00+1",
                "٢٠٢٤-٠٥"
            })
    void namesWhatIsNoDate(String written) {
        refused(
                "line 3, column 'when': expected a date such as 2024-05-17, 2024-05-17 13:00, 17.05.2024 or 2024, got '"
                        + written + "'",
                "2024-01-01",
                written);
    }

    @Test
    void findsTheOrderOfDayAndMonthFromTheWholeColumn() throws IOException {
        assertThat(column(CsvFormat.detect(), "03/04/2024", "13/04/2024 10:00").dates("when"))
                .containsExactly(LocalDateTime.of(2024, 4, 3, 0, 0), LocalDateTime.of(2024, 4, 13, 10, 0));
        assertThat(column(CsvFormat.detect(), "03-04-2024", "04-13-2024").dates("when"))
                .containsExactly(LocalDateTime.of(2024, 3, 4, 0, 0), LocalDateTime.of(2024, 4, 13, 0, 0));
    }

    @Test
    void takesTheOrderThatWasSaid() throws IOException {
        assertThat(column(CsvFormat.detect().dayFirst(true), "03/04/2024").dates("when"))
                .containsExactly(LocalDateTime.of(2024, 4, 3, 0, 0));
        assertThat(column(CsvFormat.detect().dayFirst(false), "03/04/2024", "05.04.2024")
                        .dates("when"))
                .as("points are always German")
                .containsExactly(LocalDateTime.of(2024, 3, 4, 0, 0), LocalDateTime.of(2024, 4, 5, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        column(CsvFormat.detect().dayFirst(true), "04/13/2024").dates("when"))
                .withMessageEndingWith("got '04/13/2024': there is no month 13");
    }

    @Test
    void refusesAnOrderThatNothingShows() {
        refused(
                "line 3, column 'when': '03/04/2024' may be 3 April or 4 March; write 2024-05-17, or say dayFirst(true) or"
                        + " dayFirst(false)",
                "05/05/2024",
                "03/04/2024",
                "04/04/2024");
    }

    @Test
    void refusesTwoOrdersInOneColumn() {
        refused(
                "line 4, column 'when': expected one order of day and month, got '17/05/2024' after '05/13/2024'",
                "01/02/2024",
                "05/13/2024",
                "17/05/2024");
    }

    @Test
    void readsDatesOfOneColumnInSeveralSpellings() throws IOException {
        assertThat(column(CsvFormat.detect(), "2024-05", "2024-05-17", "2024/05/17", "2024-05-17 13:30")
                        .dates("when"))
                .containsExactly(
                        LocalDateTime.of(2024, 5, 1, 0, 0),
                        LocalDateTime.of(2024, 5, 17, 0, 0),
                        LocalDateTime.of(2024, 5, 17, 0, 0),
                        LocalDateTime.of(2024, 5, 17, 13, 30));
    }
}
