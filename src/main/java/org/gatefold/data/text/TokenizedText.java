package org.gatefold.data.text;

/**
 * A text, or two, as a pretrained encoder reads it. All arrays have an element for each piece.
 *
 * @param ids of the pieces in the vocabulary
 * @param types 0 for the first text and 1 for the second
 * @param starts where in its text a piece begins, in chars; 0 for special tokens
 * @param ends where it ends; 0 for special tokens
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TokenizedText(int[] ids, int[] types, int[] starts, int[] ends) {}
