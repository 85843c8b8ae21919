package org.gatefold.data.image;

import java.util.Arrays;
import org.gatefold.data.table.OneColumnTable;

/** The classes of images as a table of the column {@link ImageTable#LABEL} alone, as IDX files hold them apart. Immutable and thread-safe. */
public final class ImageLabels extends OneColumnTable {
    /** @param labels 0 and above, one for each image; copied */
    ImageLabels(String source, int... labels) {
        super(
                source,
                ImageTable.LABEL,
                Arrays.stream(labels).mapToObj(Integer::toString).toList(),
                "label");
    }
}
