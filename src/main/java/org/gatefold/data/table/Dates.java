package org.gatefold.data.table;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the dates of a column in their common spellings. What is no day of the calendar is refused, and so is {@code
 * 03/04/2024} where no other row shows whether the day or the month comes first. Times stay as they are written: a zone is
 * read over; seconds since 1970 become UTC. Stateless.
 */
final class Dates {
    /** Seconds since 1970 have 9 or 10 digits from 1973 to 2286, milliseconds 13 from 2001 on. */
    private static final Pattern EPOCH = Pattern.compile("\\d{9,10}|\\d{13}");

    private static final Pattern YEAR_TO_HOUR = Pattern.compile("(?:19|20)\\d\\d(?:0[1-9]|1[0-2])[0-3]\\d[0-2]\\d");
    private static final Pattern YEAR_MONTH_DAY = Pattern.compile("(\\d{4})(\\d{2})(\\d{2})");
    private static final Pattern QUARTER = Pattern.compile("(\\d{4})[- ]?[Qq]([1-4])");
    private static final Pattern YEAR_FIRST = Pattern.compile("(\\d{4})(?:([-/.])(\\d{1,2})(?:\\2(\\d{1,2}))?)?");
    private static final Pattern YEAR_LAST = Pattern.compile("(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})");
    private static final Pattern MONTH_YEAR = Pattern.compile("(\\d{1,2})[-/.](\\d{4})");
    private static final Pattern NAME_YEAR = Pattern.compile("(?:(\\d{1,2})[-/. ]+)?(\\p{L}{3,9})[-/., ]+(\\d{4})");
    private static final Pattern NAME_DAY_YEAR = Pattern.compile("(\\p{L}{3,9})[-/. ]+(\\d{1,2})(?:,? +|[-/])(\\d{4})");
    private static final Pattern TIME =
            Pattern.compile("(.*?\\d)(?:[Tt]| +)(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?"
                    + "(?: *([AaPp])[Mm])?(?: *(?:[Zz]|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)(?:\\[[\\w/+-]+])?)?");

    private Dates() {}

    /**
     * What a field says.
     *
     * @param month 0 if it says a year only
     * @param day 0 if it says none
     * @param open true if day and month may be the other way round
     * @param time null if it says none
     */
    private record Written(int year, int month, int day, boolean open, LocalTime time) {
        Written swapped() {
            return new Written(year, day, month, false, time);
        }

        Written at(LocalTime timeOfDay) {
            return new Written(year, month, day, open, timeOfDay);
        }

        LocalDateTime date() {
            int inMonth = Math.max(1, month);
            if (inMonth > 12) {
                throw new IllegalArgumentException("there is no month " + inMonth);
            }
            YearMonth which = YearMonth.of(year, inMonth);
            int onDay = Math.max(1, day);
            if (onDay > which.lengthOfMonth()) {
                throw new IllegalArgumentException(
                        name(inMonth) + " " + year + " has " + which.lengthOfMonth() + " days");
            }
            return which.atDay(onDay).atTime(time == null ? LocalTime.MIDNIGHT : time);
        }
    }

    private static String name(int month) {
        return Month.of(month).getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    }

    /**
     * The dates of a column.
     *
     * @param dayFirst empty to find it
     * @param where names a row in messages
     * @throws IllegalArgumentException if a field is no date, or may be two
     */
    static List<LocalDateTime> read(List<String> fields, Optional<Boolean> dayFirst, IntFunction<String> where) {
        boolean monthFirst = !dayFirst.orElseGet(() -> findDayFirst(fields, where));
        List<LocalDateTime> dates = new ArrayList<>(fields.size());
        for (int row = 0; row < fields.size(); row++) {
            try {
                Written written = written(fields.get(row));
                dates.add((written.open && monthFirst ? written.swapped() : written).date());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        where.apply(row)
                                + ": expected a date such as 2024-05-17, 2024-05-17 13:00, 17.05.2024 or 2024, got '"
                                + Numerals.abridged(fields.get(row)) + "'"
                                + (e.getMessage().isEmpty() ? "" : ": ")
                                + e.getMessage(),
                        e);
            }
        }
        return dates;
    }

    private static boolean findDayFirst(List<String> fields, IntFunction<String> where) {
        int day = -1;
        int month = -1;
        int either = -1;
        for (int row = 0; row < fields.size(); row++) {
            Matcher date = YEAR_LAST.matcher(datePart(fields.get(row)));
            if (!date.matches() || date.group(2).equals(".")) {
                continue;
            }
            int first = Integer.parseInt(date.group(1));
            int second = Integer.parseInt(date.group(3));
            day = first > 12 && second <= 12 && day < 0 ? row : day;
            month = second > 12 && first <= 12 && month < 0 ? row : month;
            either = first <= 12 && second <= 12 && first != second && either < 0 ? row : either;
        }
        if (day >= 0 && month >= 0) {
            throw new IllegalArgumentException(
                    where.apply(Math.max(day, month)) + ": expected one order of day and month, got '"
                            + fields.get(Math.max(day, month)) + "' after '" + fields.get(Math.min(day, month)) + "'");
        }
        if (either >= 0 && day < 0 && month < 0) {
            Written written = written(fields.get(either));
            throw new IllegalArgumentException(
                    where.apply(either) + ": '" + fields.get(either) + "' may be " + written.day
                            + " " + name(written.month) + " or " + written.month + " " + name(written.day)
                            + "; write 2024-05-17, or say dayFirst(true) or dayFirst(false)");
        }
        return month < 0;
    }

    private static String datePart(String field) {
        Matcher time = TIME.matcher(field);
        return time.matches() ? time.group(1) : field;
    }

    /** True for what is spelled like a date, whether or not it is one of the calendar. */
    static boolean mayBeDate(String field) {
        try {
            written(field);
            return true;
        } catch (IllegalArgumentException e) {
            return !e.getMessage().isEmpty();
        }
    }

    /** How fine a date is written; null for a year. */
    static CalendarFeatures.Resolution resolution(String field) {
        Written written = written(field);
        if (written.time != null) {
            return CalendarFeatures.Resolution.HOUR;
        }
        if (written.day > 0) {
            return CalendarFeatures.Resolution.DAY;
        }
        return written.month > 0 ? CalendarFeatures.Resolution.MONTH : null;
    }

    /** Reads a field; throws with the reason, which is empty where nothing like a date stands. */
    private static Written written(String field) {
        if (EPOCH.matcher(field).matches()) {
            return ofEpoch(field);
        }
        Matcher time = TIME.matcher(field);
        if (!time.matches()) {
            return writtenDate(field);
        }
        Written date = writtenDate(time.group(1));
        if (date.day == 0) {
            throw new IllegalArgumentException("a time without a day");
        }
        return date.at(time(time));
    }

    private static Written ofEpoch(String field) {
        if (YEAR_TO_HOUR.matcher(field).matches()) {
            throw new IllegalArgumentException("it may be seconds since 1970, or year, month, day and hour");
        }
        long count = Long.parseLong(field);
        LocalDateTime date = LocalDateTime.ofInstant(
                field.length() == 13 ? Instant.ofEpochMilli(count) : Instant.ofEpochSecond(count), ZoneOffset.UTC);
        return new Written(date.getYear(), date.getMonthValue(), date.getDayOfMonth(), false, date.toLocalTime());
    }

    private static LocalTime time(Matcher text) {
        int hour = Integer.parseInt(text.group(2));
        int minute = Integer.parseInt(text.group(3));
        int second = text.group(4) == null ? 0 : Integer.parseInt(text.group(4));
        boolean twelve = text.group(6) != null;
        if (hour > (twelve ? 12 : 23) || (twelve && hour == 0) || minute > 59 || second > 59) {
            throw new IllegalArgumentException("there is no such time of day");
        }
        if (twelve) {
            hour = hour % 12 + (text.group(6).equalsIgnoreCase("p") ? 12 : 0);
        }
        String fraction = text.group(5) == null ? "" : text.group(5);
        return LocalTime.of(hour, minute, second, Integer.parseInt((fraction + "000000000").substring(0, 9)));
    }

    private static Written writtenDate(String text) {
        Matcher match = YEAR_FIRST.matcher(text);
        if (match.matches()) {
            return numbers(match.group(1), match.group(3), match.group(4), false);
        }
        match = YEAR_LAST.matcher(text);
        if (match.matches()) {
            return numbers(
                    match.group(4),
                    match.group(3),
                    match.group(1),
                    !match.group(2).equals("."));
        }
        match = YEAR_MONTH_DAY.matcher(text);
        if (match.matches()) {
            return numbers(match.group(1), match.group(2), match.group(3), false);
        }
        match = MONTH_YEAR.matcher(text);
        if (match.matches()) {
            return numbers(match.group(2), match.group(1), null, false);
        }
        match = QUARTER.matcher(text);
        if (match.matches()) {
            return new Written(number(match.group(1)), 3 * number(match.group(2)) - 2, 0, false, null);
        }
        match = NAME_YEAR.matcher(text);
        if (match.matches()) {
            return numbers(match.group(3), month(match.group(2)), match.group(1), false);
        }
        match = NAME_DAY_YEAR.matcher(text);
        if (match.matches()) {
            return numbers(match.group(3), month(match.group(1)), match.group(2), false);
        }
        throw new IllegalArgumentException(
                text.matches("\\d{1,2}([-/.])\\d{1,2}\\1\\d{2}") ? "which year is not clear" : "");
    }

    /** Zeros of month and day are refused; absent ones are null. */
    private static Written numbers(String year, String month, String day, boolean open) {
        if ((month != null && number(month) == 0) || (day != null && number(day) == 0)) {
            throw new IllegalArgumentException(
                    "there is no " + (day != null && number(day) == 0 ? "day" : "month") + " 0");
        }
        return new Written(number(year), month == null ? 0 : number(month), day == null ? 0 : number(day), open, null);
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }

    /** The number of a month by its English name or the first three letters or more of it. */
    private static String month(String name) {
        for (Month month : Month.values()) {
            if (month.name().startsWith(name.toUpperCase(Locale.ROOT))) {
                return Integer.toString(month.getValue());
            }
        }
        throw new IllegalArgumentException("");
    }
}
