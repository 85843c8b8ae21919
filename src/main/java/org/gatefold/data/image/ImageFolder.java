package org.gatefold.data.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.gatefold.file.FolderFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of images: with a folder for each class, which may hold further ones, or with images alone, whose class nobody knows.
 * Names that begin with a dot, and files that are no images by their names, are left out; images come in the order of names.
 * What cannot be decoded is left out with a warning that counts them. Stateless.
 */
public final class ImageFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff");

    private ImageFolder() {}

    /**
     * Reads a folder.
     *
     * @param fitting from the first image that is sound, what all are brought to
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if there is no sound image, or if images stand beside folders
     */
    static ImageTable read(Path folder, Function<RasterImage, ImageSize> fitting) throws IOException {
        List<Path> files = files(folder);
        boolean classes = files.stream().anyMatch(file -> !file.getParent().equals(folder));
        ImageSize size = null;
        List<PictureTable.Entry> entries = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (Path file : files) {
            if (classes && file.getParent().equals(folder)) {
                throw new IllegalArgumentException(
                        folder + ": expected a folder for each class or images alone, got folders and the image '"
                                + file.getFileName() + "'");
            }
            RasterImage image;
            try {
                image = RasterImage.read(file);
            } catch (IllegalArgumentException e) {
                damaged.add(e.getMessage());
                continue;
            }
            size = size == null ? fitting.apply(image) : size;
            Path inside = folder.relativize(file);
            String label = classes ? inside.getName(0).toString() : null;
            entries.add(ImageTable.entry(inside.toString(), file.toString(), label, size.bytes(image)));
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(folder + ": expected images (" + String.join(", ", sorted(ENDINGS))
                    + "), found none"
                    + (damaged.isEmpty() ? "" : " that is sound among " + damaged.size() + "; " + damaged.get(0)));
        }
        if (!damaged.isEmpty()) {
            LOG.warn("{} of {} images are left out: {}", damaged.size(), files.size(), String.join("; ", damaged));
        }
        return new ImageTable(folder.toString(), size, entries);
    }

    private static List<String> sorted(Set<String> texts) {
        return texts.stream().sorted().toList();
    }

    /** The images of a folder, in the order of names. */
    public static List<Path> files(Path folder) throws IOException {
        return FolderFiles.of(folder, ENDINGS);
    }

    /** The images of a folder and the files with one of the other endings, in small letters, all in the order of names. */
    public static List<Path> files(Path folder, Set<String> others) throws IOException {
        Set<String> all = new HashSet<>(ENDINGS);
        all.addAll(others);
        return FolderFiles.of(folder, all);
    }
}
