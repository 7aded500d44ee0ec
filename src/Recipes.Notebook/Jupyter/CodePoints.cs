namespace Recipes.Notebook.Jupyter;

/// <summary>Jupyter counts cursors in Unicode code points, .NET in UTF-16 units: an emoji is one of the former and two of the latter.</summary>
internal static class CodePoints
{
    /// <summary>The UTF-16 index of a code point; the end for one past it.</summary>
    public static int ToIndex(string text, int codePoint)
    {
        var index = 0;
        for (; codePoint > 0 && index < text.Length; codePoint--)
            index += char.IsSurrogatePair(text, index) ? 2 : 1;
        return index;
    }

    /// <summary>How many code points stand before a UTF-16 index.</summary>
    public static int FromIndex(string text, int index)
    {
        var count = 0;
        for (var i = 0; i < Math.Min(index, text.Length); count++)
            i += char.IsSurrogatePair(text, i) ? 2 : 1;
        return count;
    }
}
