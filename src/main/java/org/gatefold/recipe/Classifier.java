package org.gatefold.recipe;

import java.io.IOException;
import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.table.TextTable;
import org.gatefold.file.NamedBytes;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.text.TextInput;

/**
 * Tells the classes of texts, recordings or pictures that are in memory, as {@link TrainedModel#predict} does those of a file. Belongs to
 * its {@link TrainedModel}. Thread-safe.
 */
public final class Classifier {
    private final TrainedModel model;
    private final RecipeDescription.Contents contents;
    private final List<String> classes;

    /**
     * @param contents how the contents of files become rows; null if they cannot
     * @throws IllegalArgumentException if the model answers no classes, or reads neither texts nor contents of files
     */
    Classifier(TrainedModel model, RecipeDescription.Contents contents) {
        if (!(model.fields().target() instanceof Category answered)) {
            throw new IllegalArgumentException("expected a model that tells classes, got one that answers '"
                    + model.fields().target().name() + "'");
        }
        this.model = model;
        this.contents = contents;
        this.classes = answered.classes();
        if (!readsTexts() && contents == null) {
            throw new IllegalArgumentException(
                    "expected a model that reads a text, a recording or a picture, got one that reads "
                            + model.fields().inputs().stream().map(Field::name).toList());
        }
    }

    /** The classes, in the order of their probabilities. */
    public List<String> classes() {
        return classes;
    }

    /** True if texts are read, false if contents of files are. */
    public boolean readsTexts() {
        return model.fields().inputs().size() == 1 && model.fields().input() instanceof TextInput;
    }

    /**
     * The probabilities of the classes for texts, one array each.
     *
     * @throws IllegalStateException if contents of files are read
     */
    public double[][] texts(List<String> texts) {
        require(readsTexts(), "texts");
        return answers(new Texts(model.fields().input().name(), texts));
    }

    /**
     * The probabilities of the classes for what files hold, one array each.
     *
     * @throws IllegalArgumentException naming what cannot be read
     * @throws IllegalStateException if texts are read
     * @throws IOException if a file in between cannot be written or read
     */
    public double[][] contents(List<NamedBytes> files) throws IOException {
        require(!readsTexts(), "contents of files");
        return answers(contents.of(files));
    }

    private void require(boolean right, String what) {
        if (!right) {
            throw new IllegalStateException("expected a model that reads " + what + ", got one that reads '"
                    + model.fields().input().name() + "'");
        }
    }

    private double[][] answers(Table table) {
        return model.answers(Rows.all(table));
    }

    /** A column of texts. */
    private static final class Texts extends TextTable {
        private final String column;
        private final List<String> texts;

        Texts(String column, List<String> texts) {
            super("texts");
            this.column = column;
            this.texts = List.copyOf(texts);
        }

        @Override
        public List<String> names() {
            return List.of(column);
        }

        @Override
        public int rows() {
            return texts.size();
        }

        @Override
        protected List<String> column(String name) {
            return texts;
        }

        @Override
        protected String where(int row) {
            return "text " + rowName(row);
        }
    }
}
