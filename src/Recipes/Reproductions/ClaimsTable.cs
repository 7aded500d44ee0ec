using System.Text;
using Recipes.Display;

namespace Recipes.Reproductions;

/// <summary>
/// The claims of a run, or of many: each with its verdict, the paper's value beside ours, and why. The same value shows
/// itself in a report, in a README and on a console.
/// </summary>
[TypeFormatterSource(typeof(BlockFormatterSource))]
public sealed class ClaimsTable : Block
{
    private readonly Claim[] _claims;

    private ClaimsTable(Claim[] claims) => _claims = claims;

    /// <summary>The table of these claims, in their order, grouped by reproduction where there are several.</summary>
    public static ClaimsTable From(IEnumerable<Claim> claims) => new([.. claims]);

    /// <summary>The claims.</summary>
    public IReadOnlyList<Claim> Claims => _claims;

    /// <summary>One line: how many hold, fail, and were not attempted.</summary>
    public string Summary
    {
        get
        {
            var (holds, fails, open) = (Count(Verdict.Holds), Count(Verdict.Fails), Count(Verdict.NotAttempted));
            var failed = fails switch
            {
                0 => "",
                1 => "; 1 fails",
                _ => $"; {fails} fail",
            };
            var left = open == 0 ? "" : $"; {open} not attempted";
            return _claims.Length == 0 ? "No claims." : $"{holds} of {_claims.Length} claims hold{failed}{left}.";
        }
    }

    private bool IsLedger => _claims.Select(c => c.Reproduction).Distinct().Skip(1).Any();

    private IEnumerable<IGrouping<string, Claim>> Groups => _claims.GroupBy(c => c.Reproduction);

    /// <inheritdoc/>
    public override string ToString() => string.Concat(Groups.Select(g => Plain(g) + "\n")) + Summary + "\n";

    /// <inheritdoc/>
    public override string ToMarkdown() =>
        string.Concat(Groups.Select(g => (IsLedger ? $"**{Escape.Markdown(g.Key)}**\n\n" : "") + Columns(g).ToMarkdown() + "\n"))
        + Summary
        + "\n";

    /// <inheritdoc/>
    protected internal override string Body()
    {
        // Roles are named because narrow pages show each row as a card, and a table that is not laid out as one loses them.
        var html = new StringBuilder(
            $"<p class=\"summary\">{Escape.Html(Summary)}</p><table class=\"claims\" role=\"table\" aria-label=\"Claims\">"
        );
        html.Append("<thead role=\"rowgroup\"><tr role=\"row\">");
        foreach (var heading in (string[])["Verdict", "Claim", "Paper", "Ours"])
            html.Append($"<th scope=\"col\" role=\"columnheader\">{heading}</th>");
        html.Append("</tr></thead>");
        foreach (var group in Groups)
        {
            html.Append("<tbody role=\"rowgroup\">");
            if (IsLedger)
                html.Append(
                    $"<tr role=\"row\" class=\"group\"><th scope=\"rowgroup\" role=\"rowheader\" colspan=\"4\">{Escape.Html(group.Key)}</th></tr>"
                );
            foreach (var claim in group)
                Row(html, claim);
            html.Append("</tbody>");
        }
        return html.Append("</table>").ToString();
    }

    private static void Row(StringBuilder html, Claim c)
    {
        var (sign, words, tone) = Verdicts(c.Verdict);
        var required = c.Tolerance.Length > 0 ? $"<small>required: {Escape.Html(c.Tolerance)}</small>" : "";
        var reason = c.Reason.Length > 0 ? $"<small>{Escape.Html(c.Reason)}</small>" : "";
        var ours = c.Measured is null ? "" : $"<span class=\"value\">{Escape.Html(Ours(c))}</span>";
        var paper = c.Paper.Length > 0 ? $"<span class=\"value\">{Escape.Html(c.Paper)}</span>" : "";
        html.Append("<tr role=\"row\">");
        html.Append($"<td role=\"cell\"><span class=\"verdict {tone}\"><span aria-hidden=\"true\">{sign}</span> {words}</span></td>");
        html.Append(
            $"<th scope=\"row\" role=\"rowheader\">{Escape.Html(c.Statement)}<small><code>{Escape.Html(c.Id)}</code> {Kind(c)}</small></th>"
        );
        html.Append($"<td role=\"cell\" data-label=\"Paper\">{paper}<small>{Escape.Html(c.Where)}</small></td>");
        html.Append($"<td role=\"cell\" data-label=\"Ours\">{ours}{required}{reason}</td></tr>");
    }

    private string Plain(IGrouping<string, Claim> group) => (IsLedger ? group.Key + "\n" : "") + Columns(group);

    private static Table Columns(IEnumerable<Claim> claims) =>
        Table.From(
            claims,
            (Column.Text("Verdict"), c => $"{Verdicts(c.Verdict).Sign} {Verdicts(c.Verdict).Words}"),
            (Column.Text("Claim"), c => c.Id),
            (Column.Text("Kind"), Kind),
            (Column.Number("Ours"), c => c.Measured is null ? Numbers.Missing : Ours(c)),
            (Column.Text("Required"), c => c.Tolerance),
            (Column.Text("Paper"), c => string.Join(", ", new[] { c.Paper, c.Where }.Where(t => t.Length > 0))),
            (Column.Text("Statement"), c => c.Reason.Length > 0 ? $"{c.Statement} ({c.Reason})" : c.Statement)
        );

    private int Count(Verdict verdict) => _claims.Count(c => c.Verdict == verdict);

    private static string Kind(Claim claim) => claim.Kind.ToString().ToLowerInvariant();

    private static string Ours(Claim claim) => $"{Numbers.Text(claim.Measured!.Value)} {claim.Unit}".TrimEnd();

    private static (string Sign, string Words, string Tone) Verdicts(Verdict verdict) =>
        verdict switch
        {
            Verdict.Holds => ("✓", "holds", "good"),
            Verdict.Fails => ("✗", "fails", "bad"),
            _ => ("–", "not attempted", "quiet"),
        };
}
