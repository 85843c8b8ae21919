package org.gatefold.data.text;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.TextColumn;
import org.gatefold.data.table.TextTable;

/**
 * A folder of texts in classes, as a table of the columns {@link #TEXT} and {@link #LABEL}: either a folder for each class, with a
 * file for each text, or a file for each class, with a line for each text. The class is the name of the folder, or that of the
 * file without its ending where files have different names then. Names that begin with a dot are left out; rows come in the order of names.
 *
 * <p>Immutable and thread-safe.
 */
public final class TextFolder extends TextTable {
    public static final String TEXT = "text";
    public static final String LABEL = "label";

    private final CsvTable.Text texts;
    private final List<Part> parts;

    /**
     * The rows of a file.
     *
     * @param first its first row
     * @param lined whether it has one a line
     */
    private record Part(int first, Path file, String label, boolean lined) {}

    private TextFolder(String source, CsvTable.Text texts, List<Part> parts) {
        super(source);
        this.texts = texts;
        this.parts = parts;
    }

    /**
     * Reads a folder. Files are read as {@link TextFile} reads them.
     *
     * @param charset null for UTF-8 or UTF-16
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it has both files and folders, or no text; or if a file is no text
     */
    public static TextFolder read(Path folder, Charset charset) throws IOException {
        List<Path> classes = entries(folder);
        List<Path> folders = classes.stream().filter(Files::isDirectory).toList();
        if (!folders.isEmpty() && folders.size() < classes.size()) {
            throw new IllegalArgumentException(
                    folder + ": expected a folder for each class or a file for each class, got the folder '"
                            + folders.get(0).getFileName() + "' and the file '"
                            + classes.stream()
                                    .filter(path -> !folders.contains(path))
                                    .findFirst()
                                    .orElseThrow()
                                    .getFileName()
                            + "'");
        }
        TextColumn texts = new TextColumn();
        List<Part> parts = new ArrayList<>();
        boolean lined = folders.isEmpty();
        List<String> labels = labels(classes, lined);
        for (int i = 0; i < classes.size(); i++) {
            for (Path file : lined ? List.of(classes.get(i)) : entries(classes.get(i))) {
                String label = labels.get(i);
                parts.add(new Part(texts.rows(), file, label, lined));
                List<String> lines = TextFile.lines(file, charset);
                if (lined) {
                    lines.forEach(texts::add);
                } else {
                    texts.add(String.join("\n", lines));
                }
            }
        }
        if (texts.rows() == 0) {
            throw new IllegalArgumentException(folder + ": expected texts, found none");
        }
        return new TextFolder(folder.toString(), new CsvTable.Text(texts), List.copyOf(parts));
    }

    /** The files that {@link #read} reads of a folder, in its order. */
    public static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path entry : entries(folder)) {
            files.addAll(Files.isDirectory(entry) ? entries(entry) : List.of(entry));
        }
        return files;
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> !path.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Names; of files without their ending, unless that is what tells them apart. */
    private static List<String> labels(List<Path> classes, boolean files) {
        List<String> names = classes.stream()
                .map(path -> path.getFileName().toString())
                .map(name -> files && name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name)
                .toList();
        List<String> plain = names.stream()
                .map(name -> files && name.lastIndexOf('.') > 0 ? name.substring(0, name.lastIndexOf('.')) : name)
                .toList();
        return new HashSet<>(plain).size() == plain.size() ? plain : names;
    }

    @Override
    public List<String> names() {
        return List.of(TEXT, LABEL);
    }

    @Override
    public int rows() {
        return texts.size();
    }

    @Override
    protected List<String> column(String name) {
        if (name.equals(TEXT)) {
            return texts;
        }
        List<String> labels = new ArrayList<>(rows());
        for (int i = 0; i < parts.size(); i++) {
            int end = i + 1 < parts.size() ? parts.get(i + 1).first() : rows();
            while (labels.size() < end) {
                labels.add(parts.get(i).label());
            }
        }
        return labels;
    }

    @Override
    protected String where(int row) {
        int part = 0;
        while (part + 1 < parts.size() && parts.get(part + 1).first() <= row) {
            part++;
        }
        Part found = parts.get(part);
        return found.file() + (found.lined() ? ", line " + (row - found.first() + 1) : "");
    }
}
