/**
 * Applications on the public API: each in a package of its own, with what several of them share here. Nothing here
 * prints; who wants to see progress registers a listener.
 */
package org.gatefold.recipe;
