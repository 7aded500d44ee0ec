using System.Text;

namespace Recipes.Display;

/// <summary>Text on its way into HTML, markdown and script data. Nothing leaves a block without passing here.</summary>
internal static class Escape
{
    /// <summary>For element content and for attribute values in double quotes.</summary>
    public static string Html(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => result.Append("&amp;"),
                '<' => result.Append("&lt;"),
                '>' => result.Append("&gt;"),
                '"' => result.Append("&quot;"),
                '\'' => result.Append("&#39;"),
                _ => result.Append(c),
            };
        }
        return result.ToString();
    }

    /// <summary>For a cell of a markdown table: no markup, no column or line ends.</summary>
    public static string Markdown(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\r' or '\n' => result.Append(' '),
                '<' => result.Append("&lt;"),
                '\\' or '|' or '*' or '`' or '[' or ']' => result.Append('\\').Append(c),
                _ => result.Append(c),
            };
        }
        return result.ToString();
    }

    /// <summary>plotly.js reads labels as a small HTML; this shows them as they are.</summary>
    public static string Plotly(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>JSON inside a script element: the same value, without any character that could end the element.</summary>
    public static string Json(string json) => json.Replace("<", "\\u003c").Replace(">", "\\u003e").Replace("&", "\\u0026");
}
