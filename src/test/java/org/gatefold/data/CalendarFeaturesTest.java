package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import org.gatefold.data.CalendarFeatures.Resolution;
import org.junit.jupiter.api.Test;

class CalendarFeaturesTest {
    private static CsvTable dates(String... fields) throws IOException {
        String text = "when\n" + String.join("\n", fields);
        return CsvTable.read("a.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void readsTheUsualSpellings() throws IOException {
        CsvTable table = dates("2024-05", "2024-05-17", "2024/05/17", "2024-05-17 13:30", "2024-05-17T13:30:05");
        assertThat(CalendarFeatures.dates(table, "when"))
                .containsExactly(
                        LocalDateTime.of(2024, 5, 1, 0, 0),
                        LocalDateTime.of(2024, 5, 17, 0, 0),
                        LocalDateTime.of(2024, 5, 17, 0, 0),
                        LocalDateTime.of(2024, 5, 17, 13, 30),
                        LocalDateTime.of(2024, 5, 17, 13, 30, 5));
    }

    @Test
    void namesLineAndColumnOfWhatIsNoDate() throws IOException {
        CsvTable table = dates("2024-05", "2024-13");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CalendarFeatures.dates(table, "when"))
                .withMessage("a.csv, line 3, column 'when': expected a date such as 2024-05, 2024-05-01 or"
                        + " 2024-05-01 13:00, got '2024-13'");
    }

    @Test
    void putsTheYearTheWeekAndTheDayOnCircles() {
        LocalDateTime thursdayInApril = LocalDateTime.of(2024, 4, 4, 18, 0);
        assertThat(CalendarFeatures.of(Resolution.MONTH).of(thursdayInApril))
                .containsExactly(new double[] {1, 0}, within(1e-12));
        double weekday = 2 * Math.PI * 3 / 7;
        assertThat(CalendarFeatures.of(Resolution.HOUR).of(thursdayInApril))
                .containsExactly(new double[] {1, 0, Math.sin(weekday), Math.cos(weekday), -1, 0}, within(1e-12));
    }

    @Test
    void usesAsManyCirclesAsTheDatesAllow() {
        assertThat(CalendarFeatures.forFormatOf("2024-05").names()).containsExactly("month sin", "month cos");
        assertThat(CalendarFeatures.forFormatOf("2024-05-01").resolution()).isEqualTo(Resolution.DAY);
        assertThat(CalendarFeatures.forFormatOf("2024-05-01 13:00").names()).hasSize(6);
    }
}
