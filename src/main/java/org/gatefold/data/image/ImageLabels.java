package org.gatefold.data.image;

import java.util.Arrays;
import java.util.List;
import org.gatefold.data.table.TextTable;

/** The classes of images as a table of the column {@link ImageTable#LABEL} alone, as IDX files hold them apart. Immutable and thread-safe. */
public final class ImageLabels extends TextTable {
    private final List<String> labels;

    /** @param labels 0 and above, one for each image; copied */
    ImageLabels(String source, int... labels) {
        super(source);
        this.labels = Arrays.stream(labels).mapToObj(Integer::toString).toList();
    }

    @Override
    public List<String> names() {
        return List.of(ImageTable.LABEL);
    }

    @Override
    public int rows() {
        return labels.size();
    }

    @Override
    protected List<String> column(String name) {
        return labels;
    }

    @Override
    protected String where(int row) {
        return source() + ", label " + (row + 1);
    }
}
