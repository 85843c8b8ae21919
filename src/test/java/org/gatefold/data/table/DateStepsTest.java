package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DateStepsTest {
    private static Optional<List<String>> following(int count, String... spelled) {
        List<String> fields = Arrays.asList(spelled);
        List<LocalDateTime> dates = Dates.read(fields, Optional.of(true), row -> "row " + row);
        return DateSteps.following(fields, dates, count);
    }

    @ParameterizedTest
    @CsvSource({
        "2020,2021,2022,2023,2024",
        "2024-10,2024-11,2024-12,2025-01,2025-02",
        "2024-Q2,2024-Q3,2024-Q4,2025-Q1,2025-Q2",
        "2023-12-31,2024-01-31,2024-02-29,2024-03-31,2024-04-30",
        "30.11.2023,30.12.2023,30.01.2024,29.02.2024,30.03.2024",
        "2024-02-27,2024-02-28,2024-02-29,2024-03-01,2024-03-02",
        "2024-05-01,2024-05-08,2024-05-15,2024-05-22,2024-05-29",
        "2024-05-16,2024-05-17,2024-05-20,2024-05-21,2024-05-22",
        "2024-05-01 22:00,2024-05-01 23:00,2024-05-02 00:00,2024-05-02 01:00,2024-05-02 02:00",
        "17/05/2024,18/05/2024,19/05/2024,20/05/2024,21/05/2024",
        "Nov 2023,Dec 2023,Jan 2024,Feb 2024,Mar 2024"
    })
    void datesGoOnAsTheyWentAndAsTheyAreSpelled(String a, String b, String c, String next, String later) {
        assertThat(following(2, a, b, c)).contains(List.of(next, later));
    }

    @Test
    void weekdaysGoOverTheWeekend() {
        assertThat(following(2, "2024-05-15", "2024-05-16", "2024-05-17", "2024-05-20", "2024-05-23"))
                .as("a gap")
                .isEmpty();
        assertThat(following(3, "2024-05-16", "2024-05-17", "2024-05-20", "2024-05-21", "2024-05-22", "2024-05-23"))
                .contains(List.of("2024-05-24", "2024-05-27", "2024-05-28"));
    }

    @Test
    void whatDoesNotGoOnEvenlyIsNotGuessed() {
        assertThat(following(1, "2024-01-01", "2024-01-05", "2024-01-06")).isEmpty();
        assertThat(following(1, "2024-01-01", "2024-01-02")).as("too few").isEmpty();
        assertThat(following(1, "2024-01-02", "2024-01-02", "2024-01-02")).isEmpty();
    }

    @Test
    void unknownSpellingsGoOnAsIso() {
        assertThat(following(1, "1 January 2024", "2 January 2024", "3 January 2024"))
                .contains(List.of("2024-01-04T00:00"));
    }

    @Test
    void rowsThatGoBackOrStandAreFound() {
        LocalDateTime day = LocalDateTime.of(2024, 1, 1, 0, 0);
        assertThat(DateSteps.firstOutOfOrder(List.of(day, day.plusDays(1), day.plusDays(5))))
                .isEmpty();
        assertThat(DateSteps.firstOutOfOrder(List.of(day, day.plusDays(1), day.plusDays(1))))
                .hasValue(2);
        assertThat(DateSteps.firstOutOfOrder(List.of(day, day.minusDays(1)))).hasValue(1);
    }
}
