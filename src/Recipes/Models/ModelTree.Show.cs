using System.Text;
using Recipes.Display;

namespace Recipes.Models;

public sealed partial class ModelTree
{
    private const int MostLines = 100;
    private const int MostRows = 3000;

    private string Caption =>
        $"{Root.Name}: {Root.Parameters:#,0} parameters" + (_input is null ? "" : $", {Root.Macs:#,0} MACs for one input of {_input}");

    /// <summary>An indented tree with aligned columns; of large networks the upper levels, as many as fit 100 lines.</summary>
    public override string ToString() => AsTable().ToString();

    /// <inheritdoc/>
    public override string ToMarkdown() => AsTable().ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body()
    {
        var html = new StringBuilder(
            $"<figure class=\"model\"><figcaption>{Escape.Html(Caption)}</figcaption><div class=\"scroll\"><div class=\"tree\">"
        );
        Row(html, "div", "node head", "<span>Module</span>", "Parameters", "MACs", "Output");
        Rows(html, Root, Depth(MostRows), open: true);
        return html.Append("</div></div></figure>").ToString();
    }

    private Table AsTable()
    {
        Column[] measured = _input is null ? [] : [Column.Number("MACs"), Column.Text("Output")];
        return Table
            .With([Column.Text("Module"), Column.Text("Type"), Column.Number("Parameters"), .. measured])
            .Rows(Lines(Root, "", "", Depth(MostLines)).Select(l => l[..(3 + measured.Length)]))
            .Caption(Caption);
    }

    private static IEnumerable<object?[]> Lines(ModelNode node, string before, string below, int depth)
    {
        var cut = depth == 0 && node.Children.Count > 0 ? $" … {node.Count - 1} below" : "";
        yield return [before + node.Name, Type(node) + cut, node.Parameters, node.Macs, Output(node)];
        if (depth == 0)
            yield break;
        for (var i = 0; i < node.Children.Count; i++)
        {
            var last = i == node.Children.Count - 1;
            foreach (var line in Lines(node.Children[i], below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "), depth - 1))
                yield return line;
        }
    }

    // How many levels fit so many lines; at least one.
    private int Depth(int most)
    {
        var (level, lines, depth) = ((IReadOnlyList<ModelNode>)[Root], 1, 0);
        while (level.Count > 0)
        {
            level = [.. level.SelectMany(n => n.Children)];
            lines += level.Count;
            if (lines > most && depth > 0)
                break;
            depth++;
        }
        return depth;
    }

    private void Rows(StringBuilder html, ModelNode node, int depth, bool open)
    {
        var name = $"<span class=\"name\"><b>{Escape.Html(node.Name)}</b> {Escape.Html(Type(node))}</span>";
        string[] cells = [name, Numbers.Text(node.Parameters, ""), Numbers.Text(node.Macs, ""), Output(node)];
        if (depth == 0 || node.Children.Count == 0)
        {
            Row(html, "div", "node", cells);
            return;
        }
        html.Append(open ? "<details open=\"\">" : "<details>");
        Row(html, "summary", "node", cells);
        foreach (var child in node.Children)
            Rows(html, child, depth - 1, open: false);
        html.Append("</details>");
    }

    private void Row(StringBuilder html, string element, string style, params string[] cells)
    {
        html.Append($"<{element} class=\"{style}\">{cells[0]} <span class=\"number\">{cells[1]}</span>");
        if (_input is not null)
            html.Append($" <span class=\"number\">{cells[2]}</span> <span class=\"shape\">{cells[3]}</span>");
        html.Append($"</{element}>");
    }

    private static string Type(ModelNode node) => node.SharedWith is { } first ? $"{node.Type}, the same as {first}" : node.Type;

    private static string Output(ModelNode node) => node.Output is { } shape ? $"[{string.Join(", ", shape)}]" : "";
}
