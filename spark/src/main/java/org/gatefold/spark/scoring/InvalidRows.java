package org.gatefold.spark.scoring;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is done about a row that cannot be read, as Spark's own stages call it. */
public enum InvalidRows {
    /** The job fails with a message that names it. */
    ERROR,

    /** It is left out. */
    SKIP,

    /** It has no prediction. */
    KEEP;

    public static InvalidRows of(String name) {
        List<String> known = Arrays.stream(values())
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .toList();
        if (!known.contains(name)) {
            throw new IllegalArgumentException("handleInvalid: expected one of " + known + ", got '" + name + "'");
        }
        return values()[known.indexOf(name)];
    }
}
