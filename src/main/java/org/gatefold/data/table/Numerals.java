package org.gatefold.data.table;

import java.util.regex.Pattern;

/** How the numbers of a column are written: what stands before decimals, and between thousands. Immutable. */
public final class Numerals {
    /** What may stand between groups of three digits. */
    static final String GROUPING = ",. '_";

    private static final char NONE = 0;
    private static final Pattern POINT = Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?");
    private static final Pattern COMMA = Pattern.compile("[+-]?(?:\\d+,\\d*|,\\d+)(?:[eE][+-]?\\d+)?");

    /** A single comma or point that may stand before decimals or after thousands. */
    private static final Pattern EITHER = Pattern.compile("[+-]?[1-9]\\d{0,2}[,.]\\d{3}");

    private static final Pattern GROUPED_BY_COMMA = Pattern.compile("[+-]?\\d{1,3}(?:,\\d{3})+\\.?\\d*");
    private static final Pattern GROUPED = Pattern.compile(
            GROUPED_BY_COMMA + "|[+-]?\\d{1,3}(?:\\.\\d{3})+,?\\d*|[+-]?\\d{1,3}(?:[ '_]\\d{3})+[.,]?\\d*");
    private static final Pattern NOT_FINITE = Pattern.compile("[+-]?(?:nan|inf(?:inity)?)", Pattern.CASE_INSENSITIVE);

    private final char decimal;
    private final char thousands;
    private final Pattern grouped;

    private Numerals(char decimal, char thousands) {
        this.decimal = decimal;
        this.thousands = thousands;
        this.grouped = Pattern.compile("[+-]?\\d{1,3}(?:[" + thousands + "]\\d{3})+(?:[" + decimal + "]\\d*)?");
    }

    /**
     * What the fields of a column show.
     *
     * @param comma true if one has a decimal comma for certain, as {@code 12,5} does and {@code 1,234} does not
     * @param point true if one has a decimal point for certain
     * @param either the first row whose comma, or else whose point, may be decimal or between thousands; -1 for none
     */
    record Evidence(boolean comma, boolean point, int either) {
        /**
         * Looks at the fields of a column.
         *
         * @param thousands what stands between thousands; NUL if that is not known
         */
        static Evidence of(TableColumn column, char thousands) {
            boolean point = false;
            int eitherComma = -1;
            int eitherPoint = -1;
            for (int row = 0; row < column.rows(); row++) {
                String field = column.text(row);
                boolean hasComma = field.indexOf(',') >= 0;
                if (!hasComma && (point || field.indexOf('.') < 0)) {
                    continue;
                }
                field = thousands == NONE ? field : normal(field).replace(String.valueOf(thousands), "");
                if (EITHER.matcher(field).matches()) {
                    eitherComma = hasComma && eitherComma < 0 ? row : eitherComma;
                    eitherPoint = !hasComma && eitherPoint < 0 ? row : eitherPoint;
                } else if (COMMA.matcher(field).matches()) {
                    return new Evidence(true, point, -1);
                } else {
                    point |= POINT.matcher(field).matches()
                            || GROUPED_BY_COMMA.matcher(field).matches();
                }
            }
            return new Evidence(false, point, eitherComma >= 0 ? eitherComma : eitherPoint);
        }
    }

    /**
     * Numerals that are known.
     *
     * @param thousands NUL if nothing stands between thousands
     */
    static Numerals of(char decimal, char thousands) {
        return new Numerals(decimal, thousands);
    }

    /** Spaces that do not break and curved apostrophes are taken for the plain ones. */
    private static String normal(String field) {
        return field.replace('\u00A0', ' ').replace('\u202F', ' ').replace('\u2019', '\'');
    }

    /** True for what may be a number, however it is written. */
    static boolean mayBeNumber(String field) {
        String normal = normal(field);
        return POINT.matcher(normal).matches()
                || COMMA.matcher(normal).matches()
                || GROUPED.matcher(normal).matches();
    }

    /**
     * Reads a number.
     *
     * @throws IllegalArgumentException saying what was expected and what came
     */
    double parse(String field) {
        if (field.isEmpty()) {
            throw new IllegalArgumentException("expected a number, the field is empty");
        }
        String plain = field;
        if (thousands != NONE) {
            String normal = normal(field);
            plain = grouped.matcher(normal).matches() ? normal.replace(String.valueOf(thousands), "") : field;
        }
        // No number has both; a comma for a point that is none would make one of what is none.
        if (decimal == ',' && plain.indexOf('.') < 0) {
            plain = plain.replace(',', '.');
        } else if (decimal == ',') {
            plain = "";
        }
        boolean isNumber = POINT.matcher(plain).matches();
        if (isNumber) {
            double value = Double.parseDouble(plain);
            if (Double.isFinite(value)) {
                return value;
            }
        }
        String expected = isNumber || NOT_FINITE.matcher(field).matches() ? "a finite number" : "a number";
        if (!isNumber && mayBeNumber(field)) {
            expected += " with a decimal " + (decimal == ',' ? "comma" : "point")
                    + (thousands == NONE ? " and nothing" : " and '" + thousands + "'") + " between thousands";
        }
        throw new IllegalArgumentException("expected " + expected + ", got '" + abridged(field) + "'");
    }

    /** A field as messages quote it. */
    public static String abridged(String field) {
        String line = field.replaceAll("\\s+", " ");
        return line.length() <= 60 ? line : line.substring(0, 60) + "…";
    }
}
