using System.Diagnostics.CodeAnalysis;

namespace Recipes.Display;

// Notebook hosts (.NET Interactive and its heirs, our own engine) look for an attribute of this name on a value's
// type, create the named source, and ask its formatters by name and shape. So no reference to a host is needed.
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    [SuppressMessage("Performance", "CA1819:Properties should not return arrays", Justification = "The convention asks for an array.")]
    public string[] PreferredMimeTypes { get; set; } = ["text/html"];
}

internal sealed class DisplayFormatterSource
{
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The convention calls it on an instance.")]
    public IEnumerable<object> CreateTypeFormatters() =>
        [
            new DisplayFormatter("text/html", v => (v as IDisplay)?.ToHtml()),
            new DisplayFormatter("text/markdown", v => (v as Block)?.ToMarkdown() ?? (v as HtmlReport)?.ToMarkdown()),
            new DisplayFormatter("text/plain", v => (v as IDisplay)?.ToString()),
        ];
}

internal sealed class DisplayFormatter(string mimeType, Func<object, string?> show)
{
    public string MimeType { get; } = mimeType;

    public bool Format(object instance, TextWriter writer)
    {
        if (show(instance) is not { } text)
            return false;
        writer.Write(text);
        return true;
    }
}
