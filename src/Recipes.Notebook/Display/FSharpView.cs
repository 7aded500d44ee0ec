using System.Collections;
using System.Net;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace Recipes.Notebook.Display;

// F# values as F# writes them.
internal sealed class FSharpView(string text, string? html) : IDisplay
{
    /// <summary>A view of unions, records, tuples and arrays of several dimensions; null for all others.</summary>
    public static FSharpView? Of(object value)
    {
        var type = value.GetType();
        if (FSharpType.IsRecord(type, null) && value is not IEnumerable)
            return new FSharpView(Text(value), Package.Text(value, "text/html"));
        var written = value is Array { Rank: > 1 } || FSharpType.IsTuple(type) || (IsUnion(type) && value is not IEnumerable);
        return written ? new FSharpView(Text(value), null) : null;
    }

    /// <summary>Whether the type is a collection of F#'s own library that is there in full.</summary>
    public static bool IsFSharp(Type type) => type.IsVisible && type.Assembly == typeof(FSharpList<>).Assembly;

    /// <summary>Whether the type is a union.</summary>
    public static bool IsUnion(Type type) => FSharpType.IsUnion(type, null);

    /// <summary>As <c>%A</c> writes it: bounded in depth, length and size.</summary>
    public static string Text(object value) =>
        ExtraTopLevelOperators
            .PrintFormatToString(new PrintfFormat<FSharpFunc<object, string>, Unit, string, string, object>("%A"))
            .Invoke(value);

    public string ToHtml() => html ?? $"<pre>{WebUtility.HtmlEncode(text)}</pre>";

    public override string ToString() => text;
}
