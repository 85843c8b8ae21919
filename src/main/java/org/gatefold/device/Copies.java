package org.gatefold.device;

/**
 * Copies between host and device since the device was opened.
 *
 * @param uploads copies to the device
 * @param uploadedBytes their size
 * @param downloads copies from the device
 * @param downloadedBytes their size
 */
public record Copies(long uploads, long uploadedBytes, long downloads, long downloadedBytes) {
    /** No copies, as on devices that work in the host's memory. */
    public static final Copies NONE = new Copies(0, 0, 0, 0);

    /** The copies since an earlier count. */
    public Copies since(Copies earlier) {
        return new Copies(
                uploads - earlier.uploads,
                uploadedBytes - earlier.uploadedBytes,
                downloads - earlier.downloads,
                downloadedBytes - earlier.downloadedBytes);
    }
}
