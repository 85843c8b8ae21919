package org.gatefold.file;

/**
 * What a file holds, and how messages name it.
 *
 * @param bytes not copied
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record NamedBytes(String name, byte[] bytes) {}
