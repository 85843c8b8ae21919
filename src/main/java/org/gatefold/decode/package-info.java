/** How sequences are read off what models give: searches and draws. */
package org.gatefold.decode;
