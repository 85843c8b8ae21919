package org.gatefold.layer;

/** What a layer carries from one step of a context to the next. Owns its memory. One thread at a time. */
public interface Carried extends AutoCloseable {
    /** Forgets: the next step starts anew. */
    void clear();

    /** Frees the memory. */
    @Override
    void close();
}
