package org.gatefold.exchange;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.gatefold.file.FileException;
import org.gatefold.file.FileFailure;

/** What readers and writers of other systems' files have in common: failures in one line, that of a missing library too. Stateless. */
public final class OptionalLibrary {
    private OptionalLibrary() {}

    /** Work on a file. */
    @FunctionalInterface
    public interface Work<V> {
        V done() throws IOException;
    }

    /**
     * Does work that needs a library which may not be on the class path.
     *
     * @param artifact group, artifact and version of the library; empty if none is needed
     * @throws CheckpointException if it is missing, naming it, or if the file cannot be read or written
     */
    public static <V> V with(String artifact, Path file, Work<V> work) {
        try {
            return work.done();
        } catch (NoClassDefFoundError e) {
            if (artifact.isEmpty()) {
                throw e;
            }
            throw new CheckpointException(file + ": needs a library: add the dependency " + artifact, e);
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw new CheckpointException(e.getMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(file + ": " + FileFailure.reason(e), e);
        } catch (UncheckedIOException e) {
            throw new CheckpointException(file + ": " + FileFailure.reason(e.getCause()), e);
        }
    }
}
