package org.gatefold.recipe;

import java.io.IOException;
import java.util.List;
import org.gatefold.data.table.OneColumnTable;
import org.gatefold.data.table.Table;
import org.gatefold.file.NamedBytes;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.label.Category;

/**
 * Answers texts, recordings or pictures that are in memory, each by itself, as {@link TrainedModel#predict} does those of a file. Belongs to
 * its {@link TrainedModel}. Thread-safe.
 */
public final class Answerer {
    private final TrainedModel model;
    private final Answer.Kind kind;
    private final RecipeDescription.Texts texts;
    private final RecipeDescription.Contents contents;

    /**
     * @param texts how texts become rows; null if they cannot
     * @param contents how the contents of files become rows; null if they cannot
     * @throws IllegalArgumentException if neither can, or answers are numbers
     */
    Answerer(TrainedModel model, RecipeDescription.Texts texts, RecipeDescription.Contents contents) {
        this.model = model;
        this.texts = texts;
        this.contents = contents;
        this.kind = model.fields()
                .target()
                .says()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected a model that tells classes, tags words, writes texts or tells how likely they are, got one that"
                                + " answers '" + model.fields().target().name() + "'"));
        if (texts == null && contents == null) {
            throw new IllegalArgumentException(
                    "expected a model that reads a text, a recording or a picture, got one that reads " + read());
        }
    }

    private List<String> read() {
        return model.fields().inputs().stream().map(Field::name).toList();
    }

    /** What answers say. */
    public Answer.Kind kind() {
        return kind;
    }

    /**
     * The classes, in the order of their probabilities.
     *
     * @throws IllegalStateException if none are told
     */
    public List<String> classes() {
        if (!(model.fields().target() instanceof Category answered)) {
            throw new IllegalStateException("expected a model that tells classes, got one that answers '"
                    + model.fields().target().name() + "'");
        }
        return answered.classes();
    }

    /** True if texts are read, false if contents of files are. */
    public boolean readsTexts() {
        return texts != null;
    }

    /**
     * The answers for texts.
     *
     * @throws IllegalStateException if contents of files are read
     */
    public List<Answer> texts(List<String> read) {
        require(texts != null, "texts");
        return answers(new Memory(texts.column(), read.stream().map(texts.way()).toList()));
    }

    /**
     * The answers for what files hold.
     *
     * @throws IllegalArgumentException naming what cannot be read
     * @throws IllegalStateException if texts are read
     * @throws IOException if a file in between cannot be written or read
     */
    public List<Answer> contents(List<NamedBytes> files) throws IOException {
        require(texts == null, "contents of files");
        return answers(contents.of(files));
    }

    private void require(boolean right, String what) {
        if (!right) {
            throw new IllegalStateException("expected a model that reads " + what + ", got one that reads " + read());
        }
    }

    private List<Answer> answers(Table table) {
        return model.said(Rows.all(table));
    }

    /** A column of texts. */
    private static final class Memory extends OneColumnTable {
        Memory(String column, List<String> texts) {
            super("texts", column, texts, "text");
        }
    }
}
