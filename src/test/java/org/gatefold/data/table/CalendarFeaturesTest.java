package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.LocalDateTime;
import org.gatefold.data.table.CalendarFeatures.Resolution;
import org.junit.jupiter.api.Test;

class CalendarFeaturesTest {
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
        assertThat(CalendarFeatures.forFormatOf("2024-Q2").resolution()).isEqualTo(Resolution.MONTH);
        assertThat(CalendarFeatures.forFormatOf("17.05.2024").resolution()).isEqualTo(Resolution.DAY);
        assertThat(CalendarFeatures.forFormatOf("1715950800").resolution()).isEqualTo(Resolution.HOUR);
    }

    @Test
    void wantsDatesWithAMonth() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CalendarFeatures.forFormatOf("2024"))
                .withMessage("calendar features: expected dates with at least a month, got '2024'");
    }
}
