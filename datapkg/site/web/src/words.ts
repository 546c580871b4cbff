// The interface in two languages. What the data say stays in the language that they say it in.

import { site } from "./site";
import { language } from "./state";

const en = {
  about: "About", all: "All claims", allRows: "rows", and: "and", anyVoice: "Other voices", asOf: "as of",
  asserted: "asserted", axisTable: "Table", back: "Back", basis: "Counted in", cells: "cells", changes: "Changes",
  chart: "Chart", choose: "Filter", chosen: "chosen", cite: "Cite", claim: "Claim", claims: "claims", claimsBehind:
  "The claims behind it", clear: "Clear", close: "Close", code: "Load these rows", columns: "All columns",
  fewColumns: "Fewer columns", companies: "Companies", company: "Company", conflicts: "Conflicts", copied: "Copied",
  copy: "Copy", correction: "Corrected", corrections: "Corrections", coverage: "What is covered", csv: "CSV",
  damaged: "A file is not the one that this site was made with",
  damagedMore: "Nothing of it is shown. Fetch the site again, or make it again with datapkg site.",
  definition: "Definition", dictionary: "Dictionary", disagreement: "disagreement", disputed: "disputed",
  download: "Download", empty: "Nothing matches.", evidence: "Evidence", exact: "exact", figures: "Figures",
  filterHelp: "text, =exact, >=50, !not, or ? for missing", forecast: "forecast", forecasts: "Forecasts",
  found: "found", from: "from", hedge: "Hedge", home: "Start", howSure: "How sure it is", identifiers: "Identifiers",
  inferred: "worked out by a curator", kind: "Kind", known: "Known by", knownAll: "today: all that is known",
  knownHelp: "Shows every page as it could be known at the end of a day", language: "Language", latest: "Latest",
  lead: "lead voice", licence: "Licence", lostBy: "Why it was not used", market: "Market", markets: "Markets",
  meaning: "Meaning", missingKey: "There is no such row under this day and policy.", more: "All rows",
  name: "Name", names: "Names", neighbours: "Related markets", network: "Network", newest: "Newest sources",
  none: "none", notDated: "This table says nothing of when it was known; it is shown as of the release.",
  notFound: "There is no such page.", now: "Now", numbers: "Ranking", observed: "What each claim says",
  of: "of", open: "Open", other: "says otherwise", others: "others", page: "Page of the source",
  parent: "Part of", period: "Period", place: "Place", policy: "Policy", preferred: "Preferred",
  print: "Print", proof: "Prove it", proofHelp:
  "Drop a copy of the article here (HTML or text), or choose a file. It stays on this computer: the quote is looked for and its SHA-256 compared in the browser.",
  proofFound: "The quote is in the copy, and its SHA-256 is the one of the claim", proofMissing:
  "The quote is not in this copy", proofNone: "This claim has no quote that could be proven.",
  proofOff: "This browser offers no WebCrypto for this address; open the site from https, localhost or a disk.",
  published: "Published", publisher: "Publisher", reason: "Reason", release: "Release", reported: "reported",
  retrieved: "read", revised: "revised", revision: "revision", role: "What it is", row: "Row", rows: "rows", feeds: "Rows that it feeds", includes: "Includes", quarter: "quarters", half: "halves", month: "months", years: "years", span: "other periods", said: "said",
  saidBy: "Said by", says: "says", search: "Search companies, markets, claims …", searchAll: "Search this table",
  shares: "Market shares", showTable: "Table", sizes: "Market size", skip: "Skip to the content", sources: "Sources",
  speculated: "speculated", stage: "stage", stale: "stale", superseded: "superseded", supplies: "supplies",
  table: "Table", tables: "Tables", theme: "Dark or light", tier: "Tier", timeline: "Timeline", title: "Title",
  unknownTable: "There is no such table.", unit: "Unit", unverified:
  "This browser cannot check digests at this address, so files are shown unproven.", url: "Address",
  used: "Used for", value: "Value", version: "Version", vintage: "Vintage", voice: "Voice", voices: "Voices",
  what: "What is in the release", was: "Was", where: "Where", who: "Who", why: "Why", working: "Reading …", year: "Year",
  changeNone: "This release has no earlier one to be compared with.", before: "Before", after: "After",
  agree: "agrees", certainty: "Certainty", claimPage: "Claim", allKinds: "All kinds", column: "Column", depth: "Steps",
  relation: "Relation", noRelations: "No relation of this company is known under this day.", share: "Share",
  rank: "Rank", size: "Size", change: "Change", hits: "Found", searchNone: "Nothing was found.", menu: "Pages",
  fallback: "companies shown", gapNote: "Gaps are quarters for which no figure is known; dashed lines are forecasts.",
  thinNote: "Thin lines are other voices.", clickNote: "Click a point for the claims behind it.",
  rowAdded: "added", rowRemoved: "removed", cellChanged: "changed", idRetired: "ids retired", tableAdded: "tables added", tableRemoved: "tables removed",
  columnAdded: "columns added", columnRemoved: "columns removed", columnRetyped: "columns retyped", keyChanged: "keys changed", changesFrom: "From release", changesTo: "to release", changeNothing: "Nothing changed.",
  supply: "supplies", deal: "deal", alliance: "alliance", owns: "owns", giving: "From", taking: "To", subject: "What",
  chosenOnly: "This page shows facts: of all claims, those that the preferred policy chooses. Tables show every claim.", anyone: "All companies",
  feed: "Atom feed", changedSince: "What changed since", twice: "When pages were coded a second time by somebody else:", wrong: "cells were wrong, at most", wrongValues: "cells had a wrong value, at most", missed: "claims of the pages were missed, at most",
  ticker: "Ticker", website: "Website", corporateNumber: "Corporate number (Japan)", reached: "Reached", planned: "Planned", cost: "Cost", coordinates: "Coordinates",
  proven: "compared with the digest of the release", sql: "SQL", run: "Run", stop: "Stop", firstRows: "shown:",
  stopped: "Stopped.", sqlHelp:
  "SQLite over all tables, under the day and the policy above; what each claim says is in observations.<table>. Nothing leaves this browser.",
};

export type Word = keyof typeof en;

const ko: Record<Word, string> = {
  about: "소개", all: "모든 주장", allRows: "행", and: "및", anyVoice: "다른 출처의 목소리", asOf: "기준",
  asserted: "단정", axisTable: "표", back: "뒤로", basis: "기준", cells: "칸", changes: "변경", chart: "그래프",
  choose: "거르기", chosen: "채택", cite: "인용", claim: "주장", claims: "주장", claimsBehind: "근거가 되는 주장",
  clear: "지우기", close: "닫기", code: "이 행 불러오기", columns: "모든 열", fewColumns: "주요 열만",
  companies: "기업", company: "기업", conflicts: "불일치", copied: "복사됨", copy: "복사", correction: "정정됨",
  corrections: "정정", coverage: "수록 범위", csv: "CSV", damaged: "이 사이트를 만들 때의 파일과 다른 파일이 있습니다",
  damagedMore: "이 파일의 내용은 표시하지 않습니다. 사이트를 다시 받거나 datapkg site로 다시 만드십시오.",
  definition: "정의", dictionary: "자료 사전", disagreement: "불일치", disputed: "이견 있음", download: "내려받기",
  empty: "일치하는 항목이 없습니다.", evidence: "근거", exact: "정확", figures: "수치",
  filterHelp: "문자, =일치, >=50, !제외, ? 빈 값", forecast: "전망", forecasts: "전망", found: "발견", from: "부터",
  hedge: "단서", home: "시작", howSure: "확실성", identifiers: "식별자", inferred: "큐레이터가 추정", kind: "종류",
  known: "시점", knownAll: "오늘: 알려진 모든 것", knownHelp: "그날까지 알려진 것만으로 모든 쪽을 보여 줍니다",
  language: "언어", latest: "최신 우선", lead: "대표 집계", licence: "라이선스", lostBy: "채택되지 않은 이유",
  market: "시장", markets: "시장", meaning: "뜻", missingKey: "이 시점과 정책에서는 그런 행이 없습니다.", more: "모든 행",
  name: "이름", names: "이름", neighbours: "관련 시장", network: "관계망", newest: "최근 출처", none: "없음",
  notDated: "이 표에는 알려진 시점이 없어 릴리스 기준으로 보여 줍니다.", notFound: "그런 쪽이 없습니다.", now: "현재",
  numbers: "순위", observed: "주장별 내용", of: "/", open: "열기", other: "다르게 말함", others: "기타",
  page: "원문 주소", parent: "상위", period: "기간", place: "위치", policy: "정책", preferred: "기본",
  print: "인쇄", proof: "증명하기", proofHelp:
  "기사 사본(HTML 또는 텍스트)을 여기에 놓거나 파일을 고르십시오. 파일은 이 컴퓨터를 떠나지 않으며, 브라우저 안에서 인용문을 찾아 SHA-256을 비교합니다.",
  proofFound: "사본에 인용문이 있고 SHA-256이 주장과 같습니다", proofMissing: "이 사본에는 인용문이 없습니다",
  proofNone: "이 주장에는 증명할 인용문이 없습니다.",
  proofOff: "이 주소에서는 브라우저가 WebCrypto를 제공하지 않습니다. https, localhost 또는 디스크에서 여십시오.",
  published: "발행", publisher: "발행처", reason: "이유", release: "릴리스", reported: "전언", retrieved: "열람",
  revised: "수정됨", revision: "수정", role: "구분", row: "행", rows: "행", feeds: "이 주장이 쓰인 행", includes: "포함", quarter: "분기", half: "반기", month: "월", years: "연간", span: "기타 기간", said: "원래 값", saidBy: "말한 이", says: "말함",
  search: "기업, 시장, 주장 검색 …", searchAll: "이 표에서 검색", shares: "시장 점유율", showTable: "표",
  sizes: "시장 규모", skip: "본문으로 건너뛰기", sources: "출처", speculated: "추측", stage: "단계", stale: "오래됨",
  superseded: "대체됨", supplies: "제공", table: "표", tables: "표", theme: "어둡게 또는 밝게", tier: "등급",
  timeline: "연표", title: "제목", unknownTable: "그런 표가 없습니다.", unit: "단위",
  unverified: "이 주소에서는 브라우저가 다이제스트를 확인할 수 없어, 증명되지 않은 파일을 보여 줍니다.", url: "주소",
  used: "쓰인 열", value: "값", version: "버전", vintage: "집계 시점", voice: "목소리", voices: "목소리",
  what: "릴리스의 내용", was: "이전", where: "어디", who: "누구", why: "이유", working: "읽는 중 …", year: "연도",
  changeNone: "비교할 이전 릴리스가 없습니다.", before: "이전", after: "이후", agree: "일치", certainty: "확실성",
  claimPage: "주장", allKinds: "모든 종류", column: "열", depth: "단계", relation: "관계",
  noRelations: "이 시점에 알려진 이 기업의 관계가 없습니다.", share: "점유율", rank: "순위", size: "규모", change: "증감",
  hits: "검색 결과", searchNone: "찾은 것이 없습니다.", menu: "쪽", fallback: "개 기업 표시",
  gapNote: "빈 곳은 알려진 수치가 없는 기간이고, 점선은 전망입니다.", thinNote: "가는 선은 다른 목소리입니다.",
  clickNote: "점을 누르면 근거가 되는 주장이 열립니다.", proven: "릴리스의 다이제스트와 비교함",
  rowAdded: "추가", rowRemoved: "삭제", cellChanged: "변경", idRetired: "폐기된 ID", tableAdded: "추가된 표", tableRemoved: "삭제된 표",
  columnAdded: "추가된 열", columnRemoved: "삭제된 열", columnRetyped: "형이 바뀐 열", keyChanged: "바뀐 키", changesFrom: "릴리스", changesTo: "→ 릴리스", changeNothing: "변경이 없습니다.",
  supply: "공급", deal: "거래", alliance: "동맹", owns: "소유", giving: "어디에서", taking: "어디로", subject: "내용",
  chosenOnly: "이 쪽은 사실을 보여 줍니다. 모든 주장 가운데 기본 정책이 고른 것이며, 표에는 모든 주장이 있습니다.", anyone: "모든 기업",
  feed: "Atom 피드", changedSince: "바뀐 것, 비교 대상:", twice: "다른 사람이 페이지를 다시 코딩했을 때:", wrong: "칸이 틀림, 많아야", wrongValues: "칸의 값이 틀림, 많아야", missed: "주장을 놓침, 많아야",
  ticker: "종목 코드", website: "웹사이트", corporateNumber: "일본 법인번호", reached: "달성", planned: "예정", cost: "투자액", coordinates: "좌표",
  sql: "SQL", run: "실행", stop: "중지", firstRows: "표시:", stopped: "중지했습니다.", sqlHelp:
  "위의 시점과 정책에 따른 모든 표를 SQLite로 조회합니다. 주장별 내용은 observations.<표>에 있습니다. 아무것도 이 브라우저를 떠나지 않습니다.",
};

/** The title of a table or column in the language of the interface; what datapkg does not know has its own. */
export function titleOf(named: { title: string; title_ko?: string }): string {
  return (language() === "ko" && named.title_ko) || named.title;
}

/** What a table or a column means, in the language of the interface. */
export function meaningOf(named: { description: string }): string {
  return (language() === "ko" && site.descriptions_ko[named.description]) || named.description;
}

/** The head of a column: the name that code calls it by, in Korean its title. */
export function headOf(field: { name: string; title: string; title_ko?: string }): string {
  return language() === "ko" && field.title_ko ? field.title_ko : field.name;
}

export function t(word: Word): string {
  return (language() === "ko" ? ko : en)[word];
}
