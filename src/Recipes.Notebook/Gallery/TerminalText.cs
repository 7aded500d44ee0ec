using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Gallery;

/// <summary>Text as a terminal would show it: carriage returns overwrite, ANSI colours become classes, other sequences vanish.</summary>
internal static partial class TerminalText
{
    // Half at each end of a longer text is shown.
    private const int Longest = 200_000;

    /// <summary>The text as HTML.</summary>
    public static string ToHtml(string text)
    {
        if (text.Length <= Longest)
            return Coloured(text);
        var left = (text.Length - Longest) / 1000.0;
        var note = string.Create(CultureInfo.InvariantCulture, $"\n<em>… {left:N0} kB left out; the notebook has them …</em>\n");
        return Coloured(text[..(Longest / 2)]) + note + Coloured(text[^(Longest / 2)..]);
    }

    private static string Coloured(string text)
    {
        text = string.Join('\n', text.Split('\n').Select(Overwritten));
        var html = new StringBuilder(text.Length + 64);
        var (at, colour, bold) = (0, "", false);
        foreach (Match m in Sequence().Matches(text))
        {
            Append(html, text[at..m.Index], colour, bold);
            at = m.Index + m.Length;
            if (m.Groups["codes"].Success)
                (colour, bold) = Style(m.Groups["codes"].Value, colour, bold);
        }
        Append(html, text[at..], colour, bold);
        return html.ToString();
    }

    private static string Overwritten(string line)
    {
        line = line.TrimEnd('\r');
        return line[(line.LastIndexOf('\r') + 1)..];
    }

    private static void Append(StringBuilder html, string text, string colour, bool bold)
    {
        if (text.Length == 0)
            return;
        var classes = (colour + (bold ? " ansi-bold" : "")).Trim();
        html.Append(classes.Length == 0 ? Html.Escape(text) : $"<span class=\"{classes}\">{Html.Escape(text)}</span>");
    }

    private static (string Colour, bool Bold) Style(string codes, string colour, bool bold)
    {
        var numbers = codes.Split(';').Select(c => int.TryParse(c, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            switch (numbers[i])
            {
                case 0:
                    (colour, bold) = ("", false);
                    break;
                case 1:
                    bold = true;
                    break;
                case 22:
                    bold = false;
                    break;
                case 39:
                    colour = "";
                    break;
                case >= 30 and <= 37:
                    colour = $"ansi-{numbers[i] - 30}";
                    break;
                case >= 90 and <= 97:
                    colour = $"ansi-{numbers[i] - 90}";
                    break;
                // 5;n and 2;r;g;b follow; such colours are not kept.
                case 38 or 48:
                    i += i + 1 < numbers.Length && numbers[i + 1] == 2 ? 4 : 2;
                    break;
            }
        }
        return (colour, bold);
    }

    [GeneratedRegex(@"\x1b(?:\[(?<codes>[0-9;]*)m|\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)", RegexOptions.None, 10_000)]
    private static partial Regex Sequence();
}
