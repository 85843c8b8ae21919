package org.gatefold.data.video;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names in the order of people: numbers in them by their value, so that {@code 2.png} comes before {@code 10.png}. Stateless. */
enum NaturalOrder implements Comparator<String> {
    BY_NUMBERS;

    private static final Pattern PARTS = Pattern.compile("\\d+|\\D+");

    @Override
    public int compare(String left, String right) {
        Matcher ours = PARTS.matcher(left);
        Matcher theirs = PARTS.matcher(right);
        while (ours.find()) {
            if (!theirs.find()) {
                return 1;
            }
            int order = compareParts(ours.group(), theirs.group());
            if (order != 0) {
                return order;
            }
        }
        return theirs.find() ? -1 : left.compareTo(right);
    }

    private static int compareParts(String left, String right) {
        if (!isNumber(left) || !isNumber(right)) {
            return left.compareTo(right);
        }
        String ours = left.replaceFirst("^0+(?=.)", "");
        String theirs = right.replaceFirst("^0+(?=.)", "");
        return ours.length() == theirs.length()
                ? ours.compareTo(theirs)
                : Integer.compare(ours.length(), theirs.length());
    }

    private static boolean isNumber(String part) {
        return part.charAt(0) >= '0' && part.charAt(0) <= '9';
    }
}
