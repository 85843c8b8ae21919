package org.gatefold.layer.form;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Options;

/** Lists of numbers as options, which know maps only: by their places from 0. Stateless. */
public final class Numbers {
    private Numbers() {}

    /** As an option. */
    public static Map<String, Object> written(List<Integer> numbers) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < numbers.size(); i++) {
            map.put(String.valueOf(i), numbers.get(i));
        }
        return map;
    }

    /** As {@link #written} gave them. */
    public static int[] read(Options options) {
        int[] numbers = new int[options.asMap().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = options.integer(String.valueOf(i));
        }
        return numbers;
    }
}
