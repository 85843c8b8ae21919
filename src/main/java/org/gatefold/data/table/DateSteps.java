package org.gatefold.data.table;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * The dates that follow those of a column, where these go on evenly: by as many months on the same day or the last, by weekdays, or by
 * the same time. They are spelled as the column is. Stateless.
 */
public final class DateSteps {
    /** The last rows tell how dates go on. */
    private static final int LOOKED_AT = 40;

    private static final List<DateTimeFormatter> SPELLINGS = List.of(
                    "yyyy",
                    "yyyy-MM",
                    "yyyy/MM",
                    "MM/yyyy",
                    "MM.yyyy",
                    "MMM yyyy",
                    "MMM-yyyy",
                    "MMMM yyyy",
                    "yyyy-'Q'Q",
                    "yyyy 'Q'Q",
                    "yyyy'Q'Q",
                    "yyyy-MM-dd",
                    "yyyy/MM/dd",
                    "yyyyMMdd",
                    "dd.MM.yyyy",
                    "d.M.yyyy",
                    "dd/MM/yyyy",
                    "d/M/yyyy",
                    "MM/dd/yyyy",
                    "M/d/yyyy",
                    "dd-MM-yyyy",
                    "yyyy-MM-dd HH:mm",
                    "yyyy-MM-dd HH:mm:ss",
                    "yyyy-MM-dd'T'HH:mm",
                    "yyyy-MM-dd'T'HH:mm:ss",
                    "dd.MM.yyyy HH:mm",
                    "dd/MM/yyyy HH:mm",
                    "MM/dd/yyyy HH:mm")
            .stream()
            .map(pattern -> DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH))
            .toList();

    private DateSteps() {}

    /**
     * Dates behind the last one.
     *
     * @param spelled the column as it is written, at least one row
     * @param dates what it says, as many
     * @param count how many are asked for
     * @return empty if there are fewer than three, or they do not go on evenly
     */
    public static Optional<List<String>> following(List<String> spelled, List<LocalDateTime> dates, int count) {
        int from = Math.max(0, dates.size() - LOOKED_AT);
        List<LocalDateTime> last = dates.subList(from, dates.size());
        return next(last).map(step -> {
            Optional<DateTimeFormatter> spelling = spelling(spelled.subList(from, spelled.size()), last);
            List<String> following = new ArrayList<>();
            LocalDateTime date = last.get(last.size() - 1);
            for (int i = 0; i < count; i++) {
                date = step.apply(date);
                following.add(spelling.isPresent() ? date.format(spelling.get()) : date.toString());
            }
            return following;
        });
    }

    /** The first row whose date is not after the one before; empty if there is none. */
    public static OptionalInt firstOutOfOrder(List<LocalDateTime> dates) {
        for (int row = 1; row < dates.size(); row++) {
            if (!dates.get(row).isAfter(dates.get(row - 1))) {
                return OptionalInt.of(row);
            }
        }
        return OptionalInt.empty();
    }

    private static Optional<DateTimeFormatter> spelling(List<String> spelled, List<LocalDateTime> dates) {
        return SPELLINGS.stream()
                .filter(spelling -> {
                    for (int row = 0; row < dates.size(); row++) {
                        if (!dates.get(row).format(spelling).equals(spelled.get(row))) {
                            return false;
                        }
                    }
                    return true;
                })
                .findFirst();
    }

    private static Optional<UnaryOperator<LocalDateTime>> next(List<LocalDateTime> dates) {
        if (dates.size() < 3) {
            return Optional.empty();
        }
        boolean ends = dates.stream().allMatch(DateSteps::endsMonth);
        long months = monthsBetween(dates.get(0), dates.get(1));
        int day = dates.get(0).getDayOfMonth();
        if (months > 0 && goesOn(dates, date -> plusMonths(date, months, ends, day))) {
            return Optional.of(date -> plusMonths(date, months, ends, day));
        }
        Duration time = Duration.between(dates.get(0), dates.get(1));
        if (time.compareTo(Duration.ZERO) > 0 && goesOn(dates, date -> date.plus(time))) {
            return Optional.of(date -> date.plus(time));
        }
        return goesOn(dates, DateSteps::nextWeekday) ? Optional.of(DateSteps::nextWeekday) : Optional.empty();
    }

    private static boolean goesOn(List<LocalDateTime> dates, UnaryOperator<LocalDateTime> step) {
        for (int row = 1; row < dates.size(); row++) {
            if (!step.apply(dates.get(row - 1)).equals(dates.get(row))) {
                return false;
            }
        }
        return true;
    }

    private static long monthsBetween(LocalDateTime from, LocalDateTime to) {
        return ChronoUnit.MONTHS.between(YearMonth.from(from), YearMonth.from(to));
    }

    private static boolean endsMonth(LocalDateTime date) {
        return date.getDayOfMonth() == YearMonth.from(date).lengthOfMonth();
    }

    private static LocalDateTime plusMonths(LocalDateTime date, long months, boolean ends, int day) {
        YearMonth month = YearMonth.from(date).plusMonths(months);
        int last = month.lengthOfMonth();
        return month.atDay(ends ? last : Math.min(day, last)).atTime(date.toLocalTime());
    }

    private static LocalDateTime nextWeekday(LocalDateTime date) {
        return date.plusDays(
                switch (date.getDayOfWeek()) {
                    case FRIDAY -> 3;
                    case SATURDAY -> 2;
                    case MONDAY, TUESDAY, WEDNESDAY, THURSDAY, SUNDAY -> 1;
                });
    }
}
