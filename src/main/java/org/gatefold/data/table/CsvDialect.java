package org.gatefold.data.table;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands between the fields of a CSV text.
 *
 * @param separator a comma, semicolon, tab or bar, unless a first line such as {@code sep=:} says another
 * @param declared true if there is such a line, as spreadsheets write it
 */
record CsvDialect(char separator, boolean declared) {
    /** As many characters are enough to look at. */
    static final int SAMPLE = 1 << 16;

    private static final String SEPARATORS = ",;\t|";
    private static final int MOST_LINES = 50;
    private static final Pattern DECLARED =
            Pattern.compile("\"?sep=([^\"\\r\\n])\"?[,;\\t|]*(?:\\R.*)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern VALUE =
            Pattern.compile("|[+-]?(?:\\d+[.,]?\\d*|[.,]\\d+)(?:[eE][+-]?\\d+)?|\\d+(?:[-/.:T ]+\\d+)+Z?");

    /**
     * Looks for the separator that cuts all lines into as many fields as the first; of several, for the one whose fields
     * look most like numbers and dates, and then for the one that makes most of them.
     *
     * @param text the first {@link #SAMPLE} characters of a text, or all of it
     */
    static CsvDialect sniff(String text) {
        Matcher declaration = DECLARED.matcher(text);
        if (declaration.matches()) {
            return new CsvDialect(declaration.group(1).charAt(0), true);
        }
        char best = ',';
        double[] most = {0, 0, 0};
        for (int i = 0; i < SEPARATORS.length(); i++) {
            double[] score = score(text, SEPARATORS.charAt(i));
            if (compare(score, most) > 0) {
                most = score;
                best = SEPARATORS.charAt(i);
            }
        }
        return new CsvDialect(best, false);
    }

    private static int compare(double[] left, double... right) {
        for (int i = 0; i < left.length; i++) {
            if (left[i] != right[i]) {
                return Double.compare(left[i], right[i]);
            }
        }
        return 0;
    }

    /** Share of lines with as many fields as the first, share of fields that are values, and number of fields. */
    private static double[] score(String text, char separator) {
        List<List<String>> lines = lines(text, separator);
        if (lines.isEmpty() || lines.get(0).size() < 2) {
            return new double[] {0, 0, 0};
        }
        int width = lines.get(0).size();
        double even = 0;
        double values = 0;
        double fields = 0;
        for (List<String> line : lines) {
            even += line.size() == width ? 1 : 0;
            fields += line.size();
            values += line.stream()
                    .filter(field -> VALUE.matcher(field.strip()).matches())
                    .count();
        }
        return new double[] {even / lines.size(), values / fields, width};
    }

    /** The lines that are whole and not empty, cut at a separator outside of quotes. */
    private static List<List<String>> lines(String text, char separator) {
        List<List<String>> lines = new ArrayList<>();
        List<String> line = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean blank = true;
        boolean quoted = false;
        int closed = -1;
        for (int i = 0; i < text.length() && lines.size() < MOST_LINES; i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted) {
                quoted = false;
                closed = i;
            } else if (c == '"' && (blank || closed == i - 1)) {
                quoted = true;
                blank = false;
            } else if (quoted || (c != separator && c != '\n' && c != '\r')) {
                field.append(c);
                blank &= c == ' ';
            } else {
                line.add(field.toString());
                field.setLength(0);
                blank = true;
                if (c != separator) {
                    end(lines, line);
                    line = new ArrayList<>();
                }
            }
        }
        if (lines.isEmpty() || (lines.size() < MOST_LINES && text.length() < SAMPLE)) {
            line.add(field.toString());
            end(lines, line);
        }
        return lines;
    }

    private static void end(List<List<String>> lines, List<String> line) {
        if (line.size() > 1 || !line.get(0).isBlank()) {
            lines.add(line);
        }
    }
}
